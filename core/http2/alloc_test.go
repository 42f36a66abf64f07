//go:build !race

package http2_test

import (
	"io"
	"runtime"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/stream"
)

// TestRequestsDoNotAllocate: with a head that the table of the connection knows,
// a request and its answer cost no memory that is not used again.
func TestRequestsDoNotAllocate(t *testing.T) {
	heads := sync.Pool{New: func() any { return new(stream.RequestHead) }}
	head := &stream.ResponseHead{Status: 200, Headers: answerFields}
	r := serve(t, options(), func(s *http2.ServerStream) {
		h := heads.Get().(*stream.RequestHead)
		_, _ = s.ReadRequest(h)
		_ = s.WriteHead(head, http1.Unknown, hello, true, nil)
		h.Reset()
		heads.Put(h)
	})
	c := dial(t, r.addr)
	fields := get("user-agent", "x", "x-request-id", "y")
	c.headers(1, true, fields)
	c.until(1)
	block := c.block(fields...)
	c.headers(3, true, fields)
	c.until(3)
	ask := func(id uint32, frame []byte, answer []byte) {
		frame = append(frame, 0, 0, byte(len(block)), 1, 5, byte(id>>24), byte(id>>16), byte(id>>8), byte(id))
		if _, err := c.Write(append(frame, block...)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c.Conn, answer); err != nil {
			t.Fatal(err)
		}
	}
	frame, answer := make([]byte, 0, 256), make([]byte, answerSize(c, block, 5)) // answers are alike from here on
	id := uint32(7)
	round := func(n int) {
		for range n {
			ask(id, frame, answer)
			id += 2
		}
	}
	round(200)
	var from, to runtime.MemStats
	runtime.ReadMemStats(&from)
	const rounds = 2000
	round(rounds)
	runtime.ReadMemStats(&to)
	if n := float64(to.Mallocs-from.Mallocs) / rounds; n > 0.2 {
		t.Errorf("%.2f allocations a request", n)
	}
}

// answerSize asks once, and says how many bytes came back.
func answerSize(c *raw, block []byte, id uint32) (n int) {
	c.headersFrame(id, block)
	c.flush()
	for {
		f := c.next()
		h := f.Header()
		if h.StreamID != id {
			continue
		}
		n += 9 + int(h.Length)
		if h.Flags&1 != 0 {
			return n
		}
	}
}
