package http2_test

import (
	"strings"
	"testing"
	"time"

	xhttp2 "golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// An upload waits for the upstream's credit: that of the stream, and that of
// the connection.
func TestClientUploadWaitsForCredit(t *testing.T) {
	const window = 1000
	body := strings.Repeat("x", 70_000)
	for name, on := range map[string]struct {
		settings []xhttp2.Setting
		first    int  // what comes unasked
		stream   bool // its window is what is short
	}{
		"stream":     {[]xhttp2.Setting{{ID: xhttp2.SettingInitialWindowSize, Val: window}}, window, true},
		"connection": {[]xhttp2.Setting{{ID: xhttp2.SettingInitialWindowSize, Val: 1 << 20}}, 1<<16 - 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			addr := upstream(t, func(u *peer) {
				id := u.request()
				got := 0
				count := func(f xhttp2.Frame) bool {
					if d, ok := f.(*xhttp2.DataFrame); ok {
						got += len(d.Data())
					}
					return got >= on.first
				}
				u.await(count)
				for _, f := range u.barrier() {
					count(f)
				}
				if got != on.first {
					t.Errorf("%d bytes without credit, want %d", got, on.first)
				}
				if on.stream {
					u.update(id, uint32(len(body)))
				}
				u.update(0, uint32(len(body)))
				u.flush()
				u.await(func(f xhttp2.Frame) bool {
					count(f)
					d, ok := f.(*xhttp2.DataFrame)
					return ok && d.StreamEnded()
				})
				if got != len(body) {
					t.Errorf("%d bytes, want %d", got, len(body))
				}
				u.respond(id, true, ":status", "204")
				u.code(0)
			}, on.settings...)
			client := client(t, addr, clientOptions())
			s := open(t, client)
			defer s.Close()
			if got := exchange(s, headOf("POST", "/"), body, nil); got.status != 204 {
				t.Errorf("%d, %v", got.status, got.err)
			}
			client.Close()
		})
	}
}

// An upstream that gives no credit is waited for within bounds.
func TestClientUploadTimesOut(t *testing.T) {
	addr := upstream(t, func(u *peer) { u.request(); u.code(0) }, xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: 0})
	o := clientOptions()
	o.WriteIdle = 30 * time.Millisecond
	client := client(t, addr, o)
	s := open(t, client)
	defer s.Close()
	if got := exchange(s, headOf("POST", "/"), "hello", nil); fault.KindOf(got.err) != fault.UpstreamTimeout {
		t.Errorf("%v, want a time-out", got.err)
	}
	client.Close()
}

// A response that nobody reads gets no more credit than its window, and holds
// up no other; reading gives credit anew.
func TestClientSlowReader(t *testing.T) {
	const window = 64 << 10
	isUpdate := func(id uint32) func(f xhttp2.Frame) bool {
		return func(f xhttp2.Frame) bool {
			return f.Header().Type == xhttp2.FrameWindowUpdate && f.Header().StreamID == id
		}
	}
	full := make(chan struct{})
	addr := upstream(t, func(u *peer) {
		slow := u.request()
		u.respond(slow, false, ":status", "200")
		for range window >> 14 {
			u.say(slow, false, strings.Repeat("x", 1<<14))
		}
		for _, f := range u.barrier() {
			if isUpdate(slow)(f) {
				t.Error("credit for what nobody has read")
			}
		}
		close(full)
		fast := u.request()
		u.respond(fast, false, ":status", "200")
		u.say(fast, true, "fast")
		u.await(isUpdate(slow))
		u.say(slow, true, "end")
		u.code(0)
	})
	client := client(t, addr, clientOptions())
	slow, fast := open(t, client), open(t, client)
	defer slow.Close()
	defer fast.Close()
	h := headOf("GET", "/")
	if err := slow.Send(h, &noBody, nil, true, nil, enough); err != nil {
		t.Fatal(err)
	}
	<-full
	if got := exchange(fast, h, "", nil); got.body != "fast" {
		t.Errorf("the stream beside it: %q, %v", got.body, got.err)
	}
	if got := receive(slow, h); len(got.body) != window+3 || got.err != nil {
		t.Errorf("%d bytes, %v", len(got.body), got.err)
	}
	client.Close()
}

// Abort ends the stream for its writer and its reader, and the upstream is told;
// what it had on its way already does no harm.
func TestClientAbort(t *testing.T) {
	code := make(chan string, 1)
	addr := upstream(t, func(u *peer) {
		id := u.request()
		code <- u.code(id)
		for range 20 {
			u.say(id, false, "late")
		}
		u.respond(u.request(), true, ":status", "204")
		u.code(0)
	}, xhttp2.Setting{ID: xhttp2.SettingInitialWindowSize, Val: 0})
	client := client(t, addr, clientOptions())
	s := open(t, client)
	h := headOf("POST", "/")
	if err := s.Send(h, &http1.RequestFraming{Length: http1.Unknown}, nil, false, nil, enough); err != nil {
		t.Fatal(err)
	}
	written, head := make(chan error), make(chan error)
	go func() { written <- s.WriteBody([]byte("hello"), true, nil) }()
	go func() { head <- s.ReadHead(new(stream.ResponseHead), h.Method, enough) }()
	s.Abort()
	if err := <-written; err == nil {
		t.Error("the writer was not told")
	}
	if err := <-head; err == nil {
		t.Error("the reader was not told")
	}
	s.Close()
	if got := <-code; got != xhttp2.ErrCodeCancel.String() {
		t.Errorf("reset by %s", got)
	}
	s = open(t, client)
	if got := exchange(s, headOf("GET", "/"), "", nil); got.status != 204 {
		t.Errorf("the next request: %v", got.err)
	}
	s.Close()
	client.Close()
}
