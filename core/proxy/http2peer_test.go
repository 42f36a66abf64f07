package proxy_test

import (
	"bytes"
	"io"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/coretest"
)

// http2Peer is an upstream's side of a stream of HTTP/2, frame by frame. What it
// writes leaves by flush.
type http2Peer struct {
	*http2.Framer
	peer   *coretest.Peer
	out    bytes.Buffer
	encode *hpack.Encoder
	block  bytes.Buffer

	id   uint32
	body bytes.Buffer // what came of it
	end  bool         // and that is all
}

// accept does the first frames, and waits for a request's head.
func accept(p *coretest.Peer) *http2Peer {
	_, _ = io.CopyN(io.Discard, p.Conn, int64(len(http2.ClientPreface)))
	h := &http2Peer{peer: p}
	h.Framer = http2.NewFramer(&h.out, p.Conn)
	h.encode = hpack.NewEncoder(&h.block)
	_ = h.WriteSettings()
	_ = h.WriteSettingsAck()
	h.flush()
	for h.id == 0 && h.read() {
	}
	return h
}

// read takes a frame; false at the connection's end.
func (h *http2Peer) read() bool {
	f, err := h.ReadFrame()
	switch f := f.(type) {
	case *http2.HeadersFrame:
		h.id, h.end = f.StreamID, f.StreamEnded()
	case *http2.DataFrame:
		h.body.Write(f.Data())
		h.end = f.StreamEnded()
		_ = h.WriteWindowUpdate(0, uint32(max(len(f.Data()), 1)))
		h.flush()
	}
	return err == nil
}

// until reads so much of the body, or all of it.
func (h *http2Peer) until(n int) {
	for h.body.Len() < n && !h.end && h.read() {
	}
}

// credit lets so much more of the body come.
func (h *http2Peer) credit(n uint32) {
	_ = h.WriteWindowUpdate(h.id, n)
	h.flush()
}

func (h *http2Peer) flush() {
	_, _ = h.peer.Write(h.out.Bytes())
	h.out.Reset()
}

// head writes a head, or trailers, of name, value, name, value.
func (h *http2Peer) head(end bool, nv ...string) {
	h.block.Reset()
	for i := 0; i < len(nv); i += 2 {
		_ = h.encode.WriteField(hpack.HeaderField{Name: nv[i], Value: nv[i+1]})
	}
	_ = h.WriteHeaders(http2.HeadersFrameParam{StreamID: h.id, BlockFragment: h.block.Bytes(), EndHeaders: true, EndStream: end})
}

// firstWindow is how much of a body comes without credit.
const firstWindow = 64<<10 - 1
