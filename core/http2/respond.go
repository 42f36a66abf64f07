package http2

import (
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// response starts a response's header block.
func response(status int) *encoder {
	e := newBlock()
	e.number(":status", int64(status))
	return e
}

// WriteInterim sends a 1xx response.
func (s *ServerStream) WriteInterim(h *stream.ResponseHead) error {
	e := response(h.Status)
	defer e.done()
	e.fields(&h.Headers)
	return s.send(e, nil, false, nil)
}

// WriteUpgrade sends the 200 that makes the stream a tunnel, whatever h says:
// the answer to an extended CONNECT knows no 101 (RFC 8441, section 5).
func (s *ServerStream) WriteUpgrade(h *stream.ResponseHead) error {
	e := response(200)
	defer e.done()
	for i := range h.Headers.Fields() {
		f := h.Headers.At(i)
		if !http1.Framed(f.Name) && string(f.Name) != "sec-websocket-accept" {
			e.add(textOf(f.Name), f.Value)
		}
	}
	s.starts(http1.Unknown)
	return s.send(e, nil, false, nil)
}

// WriteHead sends the response's head, with the first piece of its body, or all
// of it if end. length is that of the whole body if it is known.
func (s *ServerStream) WriteHead(h *stream.ResponseHead, length int64, chunk []byte, end bool, trailers *stream.Headers) error {
	switch {
	case h.Status < 200 || h.Status == 204:
		length, chunk, end, trailers = http1.NoBody, nil, true, nil
	case s.isHead || h.Status == 304:
		length, chunk, end, trailers = http1.DeclaredLength(&h.Headers), nil, true, nil
	case end && trailers == nil:
		length = int64(len(chunk))
	}
	e := response(h.Status)
	defer e.done()
	e.fields(&h.Headers)
	if length >= 0 {
		e.number("content-length", length)
	}
	if s.isHead || h.Status == 304 {
		length = http1.Unknown
	}
	s.starts(length)
	return s.send(e, chunk, end, trailers)
}

// WriteBody sends the next piece of the body, and trailers behind the last. A
// body that differs from the length that was said is an error: the stream must
// be aborted then.
func (s *ServerStream) WriteBody(chunk []byte, end bool, trailers *stream.Headers) error {
	if s.Ended() {
		return nil
	}
	return s.send(nil, chunk, end, trailers)
}

// Ended says whether the response was written to its end.
func (s *Stream) Ended() bool {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.sendEnd
}
