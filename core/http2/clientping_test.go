package http2_test

import (
	"testing"
	"time"

	xhttp2 "golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/stream"
)

// An upstream that keeps silent is asked whether it is there. One that answers
// may take its time for the response.
func TestClientAsksWhetherUpstreamIsThere(t *testing.T) {
	addr := upstream(t, func(u *peer) {
		id := u.request()
		for range 3 {
			p, _ := u.await(func(f xhttp2.Frame) bool { return f.Header().Type == xhttp2.FramePing }).(*xhttp2.PingFrame)
			if p == nil {
				t.Error("the connection has ended")
				return
			}
			_ = u.framer.WritePing(true, p.Data)
			u.flush()
		}
		u.respond(id, true, ":status", "204")
		u.code(0)
	})
	o := clientOptions()
	o.Ping, o.PingWait = 10*time.Millisecond, enough
	client := client(t, addr, o)
	s := open(t, client)
	defer s.Close()
	if got := exchange(s, headOf("GET", "/"), "", nil); got.status != 204 {
		t.Errorf("%d, %v", got.status, got.err)
	}
	client.Close()
}

// Servers of gRPC end a connection at the fourth PING within five minutes, unless
// they have sent something in between.
func TestClientPingsNoMoreThanServersBear(t *testing.T) {
	pings := func(u *peer, n int) {
		for range n {
			p, _ := u.await(func(f xhttp2.Frame) bool { return f.Header().Type == xhttp2.FramePing }).(*xhttp2.PingFrame)
			if p == nil {
				t.Error("the connection has ended")
				return
			}
			_ = u.framer.WritePing(true, p.Data)
			u.flush()
		}
	}
	rest := make(chan bool)
	addr := upstream(t, func(u *peer) {
		id := u.request()
		pings(u, 3)
		u.respond(id, false, ":status", "200")
		pings(u, 3)
		<-rest
		u.say(id, true, "")
		if f := u.await(func(f xhttp2.Frame) bool {
			return f.Header().Type == xhttp2.FramePing || f.Header().Type == xhttp2.FrameGoAway
		}); f != nil && f.Header().Type == xhttp2.FramePing {
			t.Error("a fourth PING")
		}
	})
	o := clientOptions()
	o.Ping, o.PingWait = 10*time.Millisecond, enough
	client := client(t, addr, o)
	s := open(t, client)
	h := headOf("GET", "/")
	if err := s.Send(h, &noBody, nil, true, nil, enough); err != nil {
		t.Fatal(err)
	}
	var head stream.ResponseHead
	if err := s.ReadHead(&head, h.Method, enough); err != nil {
		t.Fatal(err)
	}
	// Long enough for a fourth, if one was to come.
	if _, _, err := s.ReadBody(200 * time.Millisecond); fault.KindOf(err) != fault.UpstreamTimeout {
		t.Errorf("%v, want a time-out", err)
	}
	close(rest)
	if _, end, err := s.ReadBody(enough); !end || err != nil {
		t.Errorf("%t, %v", end, err)
	}
	s.Close()
	client.Close()
}

// One that does not is lost, and its streams with it.
func TestClientLosesSilentUpstream(t *testing.T) {
	lost := make(chan struct{})
	addr := upstream(t, func(u *peer) { u.request(); <-lost })
	o := clientOptions()
	o.Ping, o.PingWait = 10*time.Millisecond, 10*time.Millisecond
	client := client(t, addr, o)
	s := open(t, client)
	defer s.Close()
	if got := exchange(s, headOf("GET", "/"), "", nil); fault.KindOf(got.err) != fault.UpstreamReset {
		t.Errorf("%v, want a reset", got.err)
	}
	close(lost)
	if client.Open() != nil {
		t.Error("the connection takes streams")
	}
}

// An upstream that does not begin HTTP/2 is told apart at once.
func TestClientNeedsAnUpstreamOfHTTP2(t *testing.T) {
	addr := origin1(t)
	_, _, err := tryClient(t, addr, clientOptions())
	if err == nil {
		t.Fatal("HTTP/1.1 was taken for HTTP/2")
	}
}
