package http2_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	xhttp2 "golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// TestSlowConnections: who keeps us waiting is cut, and told where that can be.
func TestSlowConnections(t *testing.T) {
	for _, tt := range []struct {
		name   string
		set    func(o *http2.ServerOptions, soon time.Duration)
		send   func(c *raw)
		code   string
		reason string // of Serve's error, "" for none
	}{
		{"silence", func(o *http2.ServerOptions, soon time.Duration) { o.Head = soon }, func(*raw) {}, "ENHANCE_YOUR_CALM", "took too long"},
		{"half a preface", func(o *http2.ServerOptions, soon time.Duration) { o.Head = soon },
			func(c *raw) { _, _ = c.out.WriteString(xhttp2.ClientPreface[:10]) }, "ENHANCE_YOUR_CALM", "took too long"},
		{"another protocol", func(*http2.ServerOptions, time.Duration) {},
			func(c *raw) { _, _ = c.out.WriteString("GET / HTTP/1.1\r\nhost: a\r\n\r\n") }, "PROTOCOL_ERROR", "preface"},
		{"no SETTINGS", func(o *http2.ServerOptions, soon time.Duration) { o.Head = soon },
			func(c *raw) { _, _ = c.out.WriteString(xhttp2.ClientPreface) }, "ENHANCE_YOUR_CALM", "took too long"},
		{"no answer to ours", func(o *http2.ServerOptions, soon time.Duration) { o.Head = soon }, func(c *raw) {
			_, _ = c.out.WriteString(xhttp2.ClientPreface)
			_ = c.framer.WriteSettings()
		}, "SETTINGS_TIMEOUT", "not acknowledged"},
		{"half a frame's header", func(o *http2.ServerOptions, soon time.Duration) { o.Head = soon }, func(c *raw) {
			begin(c)
			_, _ = c.out.WriteString("\x00\x00")
		}, "ENHANCE_YOUR_CALM", "took too long"},
		{"half a head", func(o *http2.ServerOptions, soon time.Duration) { o.Head = soon }, func(c *raw) {
			begin(c)
			_ = c.framer.WriteHeaders(xhttp2.HeadersFrameParam{StreamID: 1, BlockFragment: c.block(get()...)})
		}, "ENHANCE_YOUR_CALM", "took too long"},
		{"half a frame of a body", func(o *http2.ServerOptions, soon time.Duration) { o.BodyIdle = soon }, func(c *raw) {
			begin(c)
			c.headersStart(1, post())
			_, _ = c.out.WriteString("\x00\x00\x05\x00\x00\x00\x00\x00\x01ab")
		}, "ENHANCE_YOUR_CALM", "took too long"},
		{"nothing to ask", func(o *http2.ServerOptions, soon time.Duration) { o.Idle = soon }, begin, "NO_ERROR", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			coretest.Unhurried(t, 50*time.Millisecond, func(soon time.Duration) error {
				o := options()
				tt.set(&o, soon)
				r := serve(t, o, echo)
				c := connect(t, r.addr)
				tt.send(c)
				c.flush()
				got := c.end()
				_ = c.Close()
				if err := <-r.errs; got != tt.code || tt.reason == "" && err != nil || tt.reason != "" && (err == nil || !strings.Contains(err.Error(), tt.reason)) {
					return fmt.Errorf("ended with %s, want %s; Serve says %v, want %q", got, tt.code, err, tt.reason)
				}
				return nil
			})
		})
	}
}

// begin is how a client in order begins.
func begin(c *raw) {
	_, _ = c.out.WriteString(xhttp2.ClientPreface)
	_ = c.framer.WriteSettings()
	_ = c.framer.WriteSettingsAck()
}

func TestSlowBodies(t *testing.T) {
	o := options()
	o.BodyIdle = 50 * time.Millisecond
	errs := make(chan error, 1)
	r := serve(t, o, reading(func(s *http2.ServerStream) {
		var err error
		for err == nil {
			_, _, err = s.ReadBody()
		}
		errs <- err
		_ = s.WriteHead(&stream.ResponseHead{Status: fault.KindOf(err).Status()}, 0, nil, true, nil)
	}))
	c := dial(t, r.addr)
	c.headers(1, false, post())
	c.data(1, false, "abc")
	if got := c.until(1); !strings.HasPrefix(got.fields, ":status: 408") {
		t.Errorf("answered %s", got)
	}
	if err := <-errs; fault.KindOf(err) != fault.BodyTimeout {
		t.Errorf("the reader got %v", err)
	}
}

// TestClientsThatGo: whoever waits for a stream learns of its end, once, and
// nobody else does.
func TestClientsThatGo(t *testing.T) {
	for name, leave := range map[string]func(c *raw){
		"reset":  func(c *raw) { _ = c.framer.WriteRSTStream(1, xhttp2.ErrCodeCancel); c.flush() },
		"closed": func(c *raw) { _ = c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			type end struct {
				err  error
				late error
			}
			ends, started := make(chan end, 1), make(chan bool)
			r := serve(t, options(), func(s *http2.ServerStream) {
				var head stream.RequestHead
				_, _ = s.ReadRequest(&head)
				gone := make(chan bool, 2)
				s.OnGone(func() { gone <- true })
				if s.ID() > 1 {
					<-gone // the test's end
					return
				}
				close(started)
				<-gone
				_, _, err := s.ReadBody()
				ends <- end{err, s.WriteHead(&stream.ResponseHead{Status: 200}, http1.Unknown, nil, true, nil)}
			})
			c := dial(t, r.addr)
			c.headers(1, false, post())
			<-started
			leave(c)
			e := <-ends
			if k := fault.KindOf(e.err); k != fault.ClientGone && k != fault.Truncated || e.late == nil {
				t.Errorf("reading ended by %v, writing by %v", e.err, e.late)
			}
		})
	}
}

// TestInterrupt ends a read that waits, and no other.
func TestInterrupt(t *testing.T) {
	r := serve(t, options(), reading(func(s *http2.ServerStream) {
		go s.Interrupt()
		_, _, err := s.ReadBody()
		if err != sock.ErrInterrupted {
			t.Errorf("interrupted: %v", err)
		}
		_ = s.WriteInterim(&stream.ResponseHead{Status: 100})
		chunk, _, err := s.ReadBody()
		if err != nil || string(chunk) != "abc" {
			t.Errorf("behind it: %q, %v", chunk, err)
		}
		_ = s.WriteHead(&stream.ResponseHead{Status: 200}, 0, nil, true, nil)
	}))
	c := dial(t, r.addr)
	c.headers(1, false, post())
	for {
		if _, ok := c.next().(*xhttp2.HeadersFrame); ok {
			break
		}
	}
	c.data(1, true, "abc")
	c.until(1)
}

// TestDrain: what is under way ends, what comes with it is taken, and the
// connection ends.
func TestDrain(t *testing.T) {
	hold, started := make(chan bool), make(chan bool, 2)
	r := serve(t, options(), reading(func(s *http2.ServerStream) {
		started <- true
		<-hold
		_ = s.WriteHead(&stream.ResponseHead{Status: 200}, http1.Unknown, hello, true, nil)
	}))
	c := dial(t, r.addr)
	c.headers(1, true, get())
	<-started
	r.mu.Lock()
	server := r.live[0]
	r.mu.Unlock()
	server.Drain()
	server.Drain() // once is enough
	goAway := func() uint32 {
		for {
			switch f := c.next().(type) {
			case *xhttp2.GoAwayFrame:
				if f.ErrCode != xhttp2.ErrCodeNo {
					t.Errorf("GOAWAY with %v", f.ErrCode)
				}
				return f.LastStreamID
			case *xhttp2.PingFrame:
				if !f.IsAck() {
					_ = c.framer.WritePing(true, f.Data)
					c.flush()
				}
			}
		}
	}
	if last := goAway(); last != 1<<31-1 {
		t.Errorf("announced with %d", last)
	}
	c.headers(3, true, get()) // it had not read that yet
	<-started
	if last := goAway(); last != 3 {
		t.Errorf("the last stream is %d, want 3", last)
	}
	c.headers(5, true, get())
	if got := c.until(5); got.reset != "REFUSED_STREAM" {
		t.Errorf("a stream behind the last: %s", got)
	}
	close(hold)
	seen := map[uint32]bool{}
	for len(seen) < 2 {
		if d, ok := c.next().(*xhttp2.DataFrame); ok && d.StreamEnded() {
			seen[d.StreamID] = true
		}
	}
	c.end()
	_ = c.Close()
	if err := <-r.errs; err != nil {
		t.Errorf("Serve says %v", err)
	}
}
