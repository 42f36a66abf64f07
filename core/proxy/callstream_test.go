package proxy_test

import (
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// told is a filter that is told of a streaming call's answer.
type told struct {
	head chan int
	end  chan error
}

func (a told) Head(h *stream.ResponseHead, _ bool) { a.head <- h.Status }
func (a told) Body([]byte)                         {}
func (a told) End(_ *stream.Headers, err error)    { a.end <- err }

// streamTo begins a call over HTTP/2 whose first piece is "first".
func streamTo(t *testing.T, addr string) (filter.StreamCall, told) {
	t.Helper()
	a := told{make(chan int, 1), make(chan error, 1)}
	h := &stream.RequestHead{Method: []byte("POST"), Scheme: []byte("http"), Authority: []byte("x"), Path: []byte("/s/M"), Version: stream.HTTP2}
	s, err := newCaller(t, addr, pool.HTTP2).Stream(filter.StreamRequest{Cluster: "auth", Head: h, Body: []byte("first")}, a)
	if err != nil {
		t.Fatal(err)
	}
	return s, a
}

// TestStreamIsToldOfItsEnd: a filter that has more to send, but does not just
// now, learns that its call is over.
func TestStreamIsToldOfItsEnd(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*http2Peer)
		want fault.Kind
	}{
		{"reset", func(h *http2Peer) { _ = h.WriteRSTStream(h.id, http2.ErrCodeInternal) }, fault.UpstreamReset},
		{"closed", func(h *http2Peer) { _ = h.peer.Close() }, fault.UpstreamReset},
		{"reset behind the head", func(h *http2Peer) {
			h.head(false, ":status", "200")
			_ = h.WriteRSTStream(h.id, http2.ErrCodeCancel)
		}, fault.UpstreamReset},
		{"answered", func(h *http2Peer) { h.head(true, ":status", "200", "grpc-status", "0") }, fault.Unknown},
	} {
		up := coretest.Script(t, func(p *coretest.Peer) {
			h := accept(p)
			c.do(h)
			h.flush()
			p.Ended()
		})
		_, a := streamTo(t, up.Addr)
		if err := <-a.end; fault.KindOf(err) != c.want || (err != nil) != (c.want != fault.Unknown) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// TestStreamThatWasNotLookedAt goes elsewhere with its first piece, and not at
// all where more has left.
func TestStreamThatWasNotLookedAt(t *testing.T) {
	for _, more := range []string{"", "second"} {
		seen, body := make(chan bool, 1), make(chan string, 1)
		up := coretest.Script(t, func(p *coretest.Peer) {
			h := accept(p)
			h.until(len("first"))
			seen <- true
			h.until(len("first" + more))
			_ = h.WriteGoAway(0, http2.ErrCodeNo, nil)
			h.flush()
			p.Ended()
		}, func(p *coretest.Peer) {
			h := accept(p)
			h.until(len("first"))
			body <- h.body.String()
			h.head(true, ":status", "200")
			h.flush()
			p.Ended()
		})
		s, a := streamTo(t, up.Addr)
		if <-seen; more != "" {
			s.Send([]byte(more), false)
		}
		err := <-a.end
		switch {
		case more != "" && !strings.Contains(err.Error(), "did not look"):
			t.Errorf("with %q: %v", more, err)
		case more == "" && (err != nil || <-body != "first"):
			t.Errorf("with the first piece alone: %v", err)
		}
	}
}
