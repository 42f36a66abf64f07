package http2_test

import (
	"sync"
	"testing"
	"time"

	xhttp2 "golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// The code of a reset says whether the request can be sent again.
func TestClientResets(t *testing.T) {
	for code, want := range map[xhttp2.ErrCode]struct {
		kind fault.Kind
		sent bool
	}{
		xhttp2.ErrCodeRefusedStream:   {fault.StaleConn, false},
		xhttp2.ErrCodeCancel:          {fault.UpstreamReset, true},
		xhttp2.ErrCodeNo:              {fault.UpstreamReset, true},
		xhttp2.ErrCodeInternal:        {fault.UpstreamReset, true},
		xhttp2.ErrCodeEnhanceYourCalm: {fault.UpstreamReset, true},
		xhttp2.ErrCodeHTTP11Required:  {fault.UpstreamProtocol, true},
		0xfefefefe:                    {fault.UpstreamReset, true},
	} {
		addr := upstream(t, func(u *peer) {
			_ = u.framer.WriteRSTStream(u.request(), code)
			u.flush()
			u.respond(u.request(), true, ":status", "204")
			u.code(0)
		})
		client := client(t, addr, clientOptions())
		s := open(t, client)
		got := exchange(s, headOf("GET", "/"), "", nil)
		if fault.KindOf(got.err) != want.kind || s.Sent() != want.sent {
			t.Errorf("%v: %s (%v), sent %v", code, fault.KindOf(got.err), got.err, s.Sent())
		}
		s.Close()
		s = open(t, client)
		if got := exchange(s, headOf("GET", "/"), "", nil); got.status != 204 {
			t.Errorf("%v: the next request: %v", code, got.err)
		}
		s.Close()
		client.Close()
	}
}

// An upstream that answers before it has read the request ends the upload by a
// reset without an error: its answer stands.
func TestClientEarlyResponse(t *testing.T) {
	addr := upstream(t, func(u *peer) {
		id := u.request()
		u.respond(id, false, ":status", "413", "content-length", "3")
		u.say(id, true, "big")
		_ = u.framer.WriteRSTStream(id, xhttp2.ErrCodeNo)
		u.flush()
		u.code(0)
	})
	client := client(t, addr, clientOptions())
	s := open(t, client)
	defer s.Close()
	h := headOf("POST", "/")
	if err := s.Send(h, &http1.RequestFraming{Length: 1 << 30}, nil, false, nil, enough); err != nil {
		t.Fatal(err)
	}
	var upload sync.WaitGroup
	upload.Go(func() {
		for {
			if err := s.WriteBody(make([]byte, 32<<10), false, nil); err != nil {
				if fault.KindOf(err) != fault.UpstreamReset {
					t.Errorf("the upload ended by %v", err)
				}
				return
			}
		}
	})
	upload.Wait()
	if got := receive(s, h); got.status != 413 || got.body != "big" || got.err != nil {
		t.Errorf("%d %q %v", got.status, got.body, got.err)
	}
	client.Close()
}

// GOAWAY says which requests were looked at: the others can be sent again, and
// those end as they would have.
func TestClientGoAway(t *testing.T) {
	addr := upstream(t, func(u *peer) {
		first := u.request()
		u.request()
		_ = u.framer.WriteGoAway(first, xhttp2.ErrCodeNo, nil)
		u.flush()
		u.barrier()
		u.respond(first, false, ":status", "200")
		u.say(first, true, "late")
		u.code(0)
	})
	client, changed, err := tryClient(t, addr, clientOptions())
	if err != nil {
		t.Fatal(err)
	}
	h := headOf("GET", "/")
	a, b, c := open(t, client), open(t, client), open(t, client)
	for _, s := range []interface {
		Send(*stream.RequestHead, *http1.RequestFraming, []byte, bool, *stream.Headers, time.Duration) error
	}{a, b} {
		if err := s.Send(h, &noBody, nil, true, nil, enough); err != nil {
			t.Fatal(err)
		}
	}
	if got := receive(a, h); got.body != "late" || got.err != nil {
		t.Errorf("the stream that was looked at: %q, %v", got.body, got.err)
	}
	if got := receive(b, h); fault.KindOf(got.err) != fault.StaleConn || b.Sent() {
		t.Errorf("the other: %v, sent %v", got.err, b.Sent())
	}
	if got := exchange(c, h, "", nil); fault.KindOf(got.err) != fault.StaleConn || c.Sent() {
		t.Errorf("one that had not begun: %v, sent %v", got.err, c.Sent())
	}
	<-changed
	if client.Limit() != 0 || client.Open() != nil {
		t.Error("it takes more streams")
	}
	a.Close()
	b.Close()
	c.Close()
	client.Close()
}

// The upstream's setting bounds the streams, and may change.
func TestClientLimit(t *testing.T) {
	more := make(chan struct{})
	addr := upstream(t, func(u *peer) {
		<-more
		_ = u.framer.WriteSettings(xhttp2.Setting{ID: xhttp2.SettingMaxConcurrentStreams, Val: 1000})
		u.flush()
		u.code(0)
	}, xhttp2.Setting{ID: xhttp2.SettingMaxConcurrentStreams, Val: 3})
	client, changed, err := tryClient(t, addr, clientOptions())
	if err != nil {
		t.Fatal(err)
	}
	if n := client.Limit(); n != 3 {
		t.Errorf("limit %d, want 3", n)
	}
	close(more)
	<-changed
	if n := client.Limit(); n != 100 {
		t.Errorf("limit %d, want our own, 100", n)
	}
	client.Close()
}

// A connection that ends without a word ends its streams.
func TestClientLosesConnection(t *testing.T) {
	addr := upstream(t, func(u *peer) { u.request() })
	client := client(t, addr, clientOptions())
	s := open(t, client)
	defer s.Close()
	if got := exchange(s, headOf("GET", "/"), "", nil); fault.KindOf(got.err) != fault.UpstreamReset || !s.Sent() {
		t.Errorf("%v, sent %v", got.err, s.Sent())
	}
}

// A wait ends at its bound, and when it is interrupted; the stream goes on.
func TestClientWaits(t *testing.T) {
	answer := make(chan struct{})
	addr := upstream(t, func(u *peer) {
		id := u.request()
		<-answer
		u.respond(id, true, ":status", "204")
		u.code(0)
	})
	client := client(t, addr, clientOptions())
	s := open(t, client)
	defer s.Close()
	h, head := headOf("GET", "/"), new(stream.ResponseHead)
	if err := s.Send(h, &noBody, nil, true, nil, enough); err != nil {
		t.Fatal(err)
	}
	if err := s.ReadHead(head, h.Method, time.Millisecond); fault.KindOf(err) != fault.UpstreamTimeout {
		t.Errorf("%v, want a time-out", err)
	}
	s.Interrupt()
	if err := s.ReadHead(head, h.Method, enough); err != sock.ErrInterrupted {
		t.Errorf("%v, want an interruption", err)
	}
	close(answer)
	if got := receive(s, h); got.status != 204 {
		t.Errorf("%d, %v", got.status, got.err)
	}
	client.Close()
}
