package proxy

import (
	"bytes"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/overload"
	"github.com/weirproxy/weir/core/stream"
)

// A filter may wish for a copy of its request to go to another cluster. The
// copy is made as the request goes upstream, piece by piece, and is sent by a
// goroutine of its own once it is whole. All that the request itself pays for it is
// copying bytes: whatever becomes of the copy, it neither waits nor fails.

// mirrors are all copies under way.
type mirrors struct {
	count atomic.Int64
	bytes atomic.Int64 // of bodies
}

// Bounds of all copies together. What is beyond is not copied.
const (
	maxMirrors     = 256
	maxMirrorBytes = 32 << 20
)

// mirror is a copy that is being made, or is on its way.
type mirror struct {
	call
	of    *mirrors
	bound int // of the body, bytes
	held  int // of it, in of.bytes
}

// mirrorAnswer is how much of an answer is read off for the connection to be
// used again.
const mirrorAnswer = 64 << 10

// errEnough ends an answer of which nobody reads more. It blames nobody.
var errEnough = fault.New(fault.ClientGone, "reading a mirrored request's answer: it is long, and nobody wants it", nil)

// startMirror begins the copy that a filter wished for, with what of the body is
// at hand.
func (x *exchange) startMirror(w *stream.Mirror) {
	c := x.snap.Clusters[w.Cluster]
	if c == nil || x.upgrade {
		return
	}
	p := x.proxy
	switch length := x.framing().Length; {
	case p.overload.Level() > overload.Calm:
		c.Metrics.Mirrored(observe.MirrorShed)
		return
	case length > int64(w.MaxBody):
		c.Metrics.Mirrored(observe.MirrorTooLarge)
		return
	case p.mirrors.count.Add(1) > maxMirrors:
		p.mirrors.count.Add(-1)
		c.Metrics.Mirrored(observe.MirrorBusy)
		return
	}
	m := &mirror{of: &p.mirrors, bound: w.MaxBody}
	m.cluster, m.drop = c, true
	m.CallRequest = filter.CallRequest{
		Cluster: c.Name, Head: mirroredHead(x.st.Request(), w, c), Timeout: w.Timeout, MaxBody: mirrorAnswer,
	}
	x.mirror = m
	x.feedMirror(x.piece.Data, x.piece.End, x.piece.Trailers)
}

// mirroredHead is a copy that says that it is one.
func mirroredHead(h *stream.RequestHead, w *stream.Mirror, c *cluster.Cluster) *stream.RequestHead {
	out := &stream.RequestHead{Version: h.Version, Method: bytes.Clone(h.Method), Path: bytes.Clone(h.Path), Scheme: bytes.Clone(h.Scheme)}
	out.Headers.CopyFrom(&h.Headers)
	out.Headers.AddString(stream.MirroredField, "1")
	switch {
	case len(w.Host) > 0:
		out.Authority = w.Host
	case c.Host != "":
		out.Authority = []byte(c.Host)
	default:
		out.Authority = bytes.Clone(h.Authority)
	}
	return out
}

// feedMirror gives the copy a piece of the body. The last one sends it.
func (x *exchange) feedMirror(data []byte, end, trailers bool) {
	m := x.mirror
	if len(m.Body)+len(data) > m.bound {
		x.dropMirror(observe.MirrorTooLarge)
		return
	}
	if m.held += len(data); m.of.bytes.Add(int64(len(data))) > maxMirrorBytes {
		x.dropMirror(observe.MirrorBusy)
		return
	}
	m.Body = append(m.Body, data...)
	if !end {
		return
	}
	if t := x.st.Trailers(filter.Request); trailers && t != nil {
		m.Trailers = new(stream.Headers)
		m.Trailers.CopyFrom(t)
	}
	x.mirror = nil
	go m.send(x.proxy)
}

// dropMirror gives up a copy that is not whole yet.
func (x *exchange) dropMirror(why observe.MirrorResult) {
	if m := x.mirror; m != nil {
		x.mirror = nil
		m.end(why)
	}
}

// send carries the copy.
func (m *mirror) send(p *Proxy) {
	result := observe.MirrorFailed
	defer func() { m.end(result) }()
	defer contain(p.log, "mirroring a request", func() {})
	growStack(0)
	m.by = time.Now().Add(m.Timeout)
	if _, err := m.carry(); err == nil || err == errEnough {
		result = observe.MirrorSent
	}
}

// end gives back the copy's place.
func (m *mirror) end(result observe.MirrorResult) {
	m.of.bytes.Add(-int64(m.held))
	m.of.count.Add(-1)
	m.cluster.Metrics.Mirrored(result)
}
