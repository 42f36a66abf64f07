package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

const (
	much  = 1 << 30 // bytes of a body that nobody may keep
	extra = 48 << 20
)

// heapGrowth is how much more the heap holds at its fullest while do runs,
// as seen from sample, which do calls now and then.
func heapGrowth(do func(sample func())) uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before, most := m.HeapInuse, m.HeapInuse
	do(func() {
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
	})
	return most - before
}

// TestUploadIsStreamed: a body costs no memory, however large.
func TestUploadIsStreamed(t *testing.T) {
	arrived := make(chan int64, 1)
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		arrived <- n
	}))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, "max_body = 0"))
	c := coretest.Dial(t, p.Addr("gateway"))
	piece := make([]byte, 1<<20)
	grown := heapGrowth(func(sample func()) {
		c.Send(fmt.Sprintf("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", much))
		for n := 0; n < much; n += len(piece) {
			if _, err := c.Write(piece); err != nil {
				t.Fatal(err)
			}
			if n%(64<<20) == 0 {
				sample()
			}
		}
	})
	if r := c.Read("PUT"); r.Status != 200 {
		t.Errorf("%+v", r)
	}
	if n := <-arrived; n != much {
		t.Errorf("%d bytes arrived, want %d", n, much)
	}
	if grown > extra {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
}

// TestSlowReaderHoldsTheUpstreamBack: what a client does not read is not
// gathered for it.
func TestSlowReaderHoldsTheUpstreamBack(t *testing.T) {
	sent := make(chan int, 1)
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, piece := 0, make([]byte, 1<<20)
		for n < much {
			k, err := w.Write(piece)
			n += k
			if err != nil {
				break
			}
		}
		sent <- n
	}))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, "[timeouts]\nwrite_idle = \"300ms\""))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	if n := <-sent; n > extra {
		t.Errorf("the upstream got rid of %d MiB that nobody read", n>>20)
	}
}

// TestEventsAreNotHeldBack: each piece of a stream without an end goes on at
// once.
func TestEventsAreNotHeldBack(t *testing.T) {
	next := make(chan bool)
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for i := 0; ; i++ {
			fmt.Fprintf(w, "data: %d\n\n", i)
			if http.NewResponseController(w).Flush() != nil {
				return
			}
			select {
			case <-next:
			case <-r.Context().Done():
				return
			}
		}
	}))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	for want := 0; want < 20; {
		if line := c.Line(); strings.HasPrefix(line, "data: ") {
			if line != fmt.Sprintf("data: %d", want) {
				t.Fatalf("%q, want event %d", line, want)
			}
			want++
			next <- true
		}
	}
	c.Reset()
}
