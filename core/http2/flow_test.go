package http2_test

import (
	"bytes"
	"strings"
	"testing"

	xhttp2 "golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// TestASlowReaderSlowsTheWriter: a client may send a window and not a byte
// more until the body is read; other streams go on meanwhile.
func TestASlowReaderSlowsTheWriter(t *testing.T) {
	const window = 64 << 10
	read := make(chan bool)
	total := make(chan int, 1)
	r := serve(t, options(), func(s *http2.ServerStream) {
		var head stream.RequestHead
		_, _ = s.ReadRequest(&head)
		n := 0
		if string(head.Method) == "POST" {
			<-read
			for {
				chunk, end, err := s.ReadBody()
				if n += len(chunk); err != nil || end {
					break
				}
			}
			total <- n
		}
		_ = s.WriteHead(&stream.ResponseHead{Status: 200}, 0, nil, true, nil)
	})
	c := dial(t, r.addr)
	c.headers(1, false, post())
	piece := strings.Repeat("x", 16<<10)
	for range window / len(piece) {
		c.data(1, false, piece)
	}
	for id := uint32(3); id < 13; id += 2 {
		c.headers(id, true, get())
		if got := c.until(id); got.fields != ":status: 200\ncontent-length: 0" {
			t.Fatalf("a stream beside the stalled one: %s", got)
		}
	}
	close(read)
	for credit := false; !credit; { // the reader took it: there is credit again
		u, ok := c.next().(*xhttp2.WindowUpdateFrame)
		credit = ok && u.StreamID == 1
	}
	c.data(1, true, "the end")
	if got := <-total; got != window+len("the end") {
		t.Errorf("%d bytes were read", got)
	}
}

func TestBeyondTheWindow(t *testing.T) {
	hold := make(chan bool)
	defer close(hold)
	r := serve(t, options(), reading(func(*http2.ServerStream) { <-hold }))
	c := dial(t, r.addr)
	c.headers(1, false, post())
	for range 5 {
		c.data(1, false, strings.Repeat("x", 16<<10))
	}
	if got := c.until(1); got.reset != "FLOW_CONTROL_ERROR" {
		t.Errorf("more than a window was taken: %s", got)
	}
}

// TestTheConnectionsWindow: many streams that nobody reads are bounded together.
func TestTheConnectionsWindow(t *testing.T) {
	hold := make(chan bool)
	o := options()
	o.ConnWindow = 0 // raised to four windows
	r := serve(t, o, reading(func(*http2.ServerStream) { <-hold }))
	c := dial(t, r.addr)
	for id := uint32(1); id <= 9; id += 2 {
		c.headers(id, false, post())
		for range 4 {
			c.data(id, false, strings.Repeat("x", 16<<10))
		}
	}
	if got := c.end(); got != "FLOW_CONTROL_ERROR" {
		t.Errorf("the connection ended with %q", got)
	}
	close(hold)
}

// TestTheClientsWindow: nothing is sent beyond it, and all once it opens.
func TestTheClientsWindow(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), 8<<10) // 128 KiB
	r := serve(t, options(), reading(func(s *http2.ServerStream) {
		if err := s.WriteHead(&stream.ResponseHead{Status: 200}, int64(len(body)), body, true, nil); err != nil {
			t.Error(err)
		}
	}))
	c := dial(t, r.addr, xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: 10})
	c.headers(1, true, get())
	var got []byte
	read := func(until int) {
		for len(got) < until {
			if d, ok := c.next().(*xhttp2.DataFrame); ok {
				got = append(got, d.Data()...)
			}
		}
	}
	read(10)
	c.must(c.framer.WritePing(false, [8]byte{1}))
	c.flush()
	if _, ok := c.next().(*xhttp2.PingFrame); !ok || len(got) != 10 {
		t.Fatalf("%d bytes came into a window of 10", len(got))
	}
	c.must(c.framer.WriteSettings(xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: 1 << 20}))
	c.flush()
	read(65535)
	c.update(0, 1<<20)
	c.flush()
	read(len(body))
	if !bytes.Equal(got, body) {
		t.Error("the body came out another one")
	}
}

// TestWritingWithoutCredit: a client that gives none is cut, its stream alone.
func TestWritingWithoutCredit(t *testing.T) {
	o := options()
	o.WriteIdle = 40e6
	errs := make(chan error, 1)
	r := serve(t, o, reading(func(s *http2.ServerStream) {
		_ = s.WriteHead(&stream.ResponseHead{Status: 200}, http1.Unknown, nil, false, nil)
		errs <- s.WriteBody(bytes.Repeat([]byte("x"), 100), true, nil)
	}))
	c := dial(t, r.addr, xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: 10})
	c.stingy = true
	c.headers(1, true, get())
	if got := c.until(1); got.reset != "INTERNAL_ERROR" {
		t.Errorf("%s, want it reset", got)
	}
	if err := <-errs; err != sock.ErrTimeout {
		t.Errorf("the writer got %v", err)
	}
}

// TestAClientThatDoesNotRead holds up its own connection and no memory: what
// pends is bounded, and the writers end when the connection does.
func TestAClientThatDoesNotRead(t *testing.T) {
	o := options()
	o.WriteIdle = 100e6
	const streams = 20
	ended := make(chan error, streams)
	big := bytes.Repeat([]byte("x"), 1<<20)
	r := serve(t, o, reading(func(s *http2.ServerStream) {
		err := s.WriteHead(&stream.ResponseHead{Status: 200}, http1.Unknown, nil, false, nil)
		for range 64 {
			if err == nil {
				err = s.WriteBody(big, false, nil)
			}
		}
		ended <- err
	}))
	c := dial(t, r.addr, xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: 1<<31 - 1})
	c.update(0, 1<<30)
	for i := range uint32(streams) {
		c.headers(2*i+1, true, get())
	}
	for range streams {
		if err := <-ended; err == nil {
			t.Fatal("64 MiB were written to a client that does not read")
		}
	}
	if err := <-r.errs; err != sock.ErrTimeout {
		t.Errorf("the connection ended by %v", err)
	}
}
