package http2

import (
	"crypto/sha1"
	"encoding/base64"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// request starts a request's header block (RFC 9113, section 8.3.1). What
// speaks of the connection is left out; the rest stays as it is.
func request(h *stream.RequestHead, f *http1.RequestFraming) *encoder {
	e := newBlock()
	if f.Upgrade {
		e.add(":method", methodConnect)
		e.add(":protocol", websocket)
	} else {
		e.add(":method", h.Method)
	}
	e.add(":scheme", schemeOf(h))
	if f.Host != "" {
		e.add(":authority", spanOf(f.Host))
	} else {
		e.add(":authority", h.Authority)
	}
	e.add(":path", h.Path)
	for i := range h.Headers.Fields() {
		if n := h.Headers.At(i); !http1.Framed(n.Name) && !(f.Upgrade && handshake(n.Name)) {
			e.add(textOf(n.Name), n.Value)
		}
	}
	if !f.Upgrade && stream.EqualFold(h.Headers.Peek("te"), "trailers") {
		e.add("te", trailersValue)
	}
	if f.Expect {
		e.add("expect", continueValue)
	}
	if f.Length >= 0 {
		e.number("content-length", f.Length)
	}
	return e
}

var (
	methodConnect = []byte("CONNECT")
	trailersValue = []byte("trailers")
	continueValue = []byte("100-continue")
	schemeHTTP    = []byte("http")
)

// schemeOf is the request's scheme; one that nobody named is in clear.
func schemeOf(h *stream.RequestHead) []byte {
	if len(h.Scheme) == 0 {
		return schemeHTTP
	}
	return h.Scheme
}

// handshake says whether a field belongs to the WebSocket handshake of HTTP/1,
// which extended CONNECT does without (RFC 8441, section 5).
func handshake(name []byte) bool {
	return string(name) == "sec-websocket-key" || string(name) == "host"
}

// switched makes the answer to an extended CONNECT what HTTP/1 calls it.
func (s *ClientStream) switched(h *stream.ResponseHead) {
	h.Status = 101
	h.Headers.Del("content-length")
	h.Headers.AppendRaw(nameUpgrade, websocket)
	if s.key == nil {
		return
	}
	// RFC 6455, section 4.2.2
	sum := sha1.Sum(append(append([]byte(nil), s.key...), "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"...))
	h.Headers.AddString("sec-websocket-accept", base64.StdEncoding.EncodeToString(sum[:]))
}
