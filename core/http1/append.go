package http1

import (
	"crypto/rand"
	"encoding/base64"
	"strconv"

	"github.com/weirproxy/weir/core/stream"
)

// Lengths of a body that are not a number of bytes.
const (
	Unknown int64 = -1 // chunked, or to HTTP/1.0 until the connection ends
	NoBody  int64 = -2 // none, and no length is said
)

// statusLines holds "HTTP/1.1 200 OK\r\n" and its like for 100 to 599.
var statusLines = func() (t [600][]byte) {
	for i := 100; i < len(t); i++ {
		t[i] = append(strconv.AppendInt([]byte("HTTP/1.1 "), int64(i), 10), ' ')
		t[i] = append(append(t[i], reasons[i]...), "\r\n"...)
	}
	return t
}()

// framed says whether the writer, not the list, decides about a field.
func framed(name []byte) bool {
	switch len(name) {
	case 2:
		return string(name) == "te"
	case 6:
		return string(name) == "expect"
	case 7:
		return string(name) == "upgrade"
	case 10:
		return string(name) == "connection" || string(name) == "keep-alive"
	case 14:
		return string(name) == "content-length"
	case 16:
		return string(name) == "proxy-connection"
	case 17:
		return string(name) == "transfer-encoding"
	}
	return false
}

func appendFields(dst []byte, h *stream.Headers) []byte {
	for i := range h.Fields() {
		f := h.At(i)
		if framed(f.Name) {
			continue
		}
		dst = append(dst, f.Name...)
		dst = append(dst, ": "...)
		dst = append(dst, f.Value...)
		dst = append(dst, "\r\n"...)
	}
	return dst
}

func appendLength(dst []byte, n int64) []byte {
	dst = append(dst, "content-length: "...)
	dst = strconv.AppendInt(dst, n, 10)
	return append(dst, "\r\n"...)
}

// RequestFraming is what the writer says about a request beside its fields.
type RequestFraming struct {
	Length  int64  // of the body, or Unknown, or NoBody
	Expect  bool   // 100-continue is passed on
	Upgrade bool   // the Upgrade field is passed on
	Host    string // instead of the head's authority, if not empty
}

// appendRequest writes a request's head.
func appendRequest(dst []byte, h *stream.RequestHead, f *RequestFraming) []byte {
	dst = append(dst, h.Method...)
	dst = append(dst, ' ')
	dst = append(dst, h.Path...)
	dst = append(dst, " HTTP/1.1\r\nhost: "...)
	if f.Host != "" {
		dst = append(dst, f.Host...)
	} else {
		dst = append(dst, h.Authority...)
	}
	dst = append(dst, "\r\n"...)
	dst = appendFields(dst, &h.Headers)
	if f.Upgrade {
		dst = appendUpgrade(dst, &h.Headers)
		if h.Version == stream.HTTP2 {
			dst = appendKey(dst, &h.Headers)
		}
	} else if te := h.Headers.Peek("te"); te != nil && containsToken(te, "trailers") {
		dst = append(dst, "te: trailers\r\nconnection: te\r\n"...)
	}
	if f.Expect {
		dst = append(dst, "expect: 100-continue\r\n"...)
	}
	switch {
	case f.Length >= 0:
		dst = appendLength(dst, f.Length)
	case f.Length == Unknown:
		dst = append(dst, "transfer-encoding: chunked\r\n"...)
	}
	return append(dst, "\r\n"...)
}

func appendUpgrade(dst []byte, h *stream.Headers) []byte {
	dst = append(dst, "connection: upgrade\r\nupgrade: "...)
	dst = append(dst, h.Peek("upgrade")...)
	return append(dst, "\r\n"...)
}

// appendKey adds the key that a WebSocket handshake must have and that of a
// client of HTTP/2 has not (RFC 8441, section 5).
func appendKey(dst []byte, h *stream.Headers) []byte {
	if h.Has("sec-websocket-key") || !stream.EqualFold(h.Peek("upgrade"), "websocket") {
		return dst
	}
	var key [16]byte
	_, _ = rand.Read(key[:]) // it never fails
	dst = append(dst, "sec-websocket-key: "...)
	dst = base64.StdEncoding.AppendEncode(dst, key[:])
	return append(dst, "\r\n"...)
}

// responseFraming is what the writer says about a response beside its fields.
type responseFraming struct {
	length  int64 // of the body, or Unknown, or NoBody
	close   bool
	keep    bool // HTTP/1.0 is told that the connection stays
	upgrade bool
}

// appendResponse writes a response's head.
func appendResponse(dst []byte, h *stream.ResponseHead, f responseFraming) []byte {
	dst = append(dst, statusLines[h.Status]...)
	dst = appendFields(dst, &h.Headers)
	switch {
	case f.upgrade:
		dst = appendUpgrade(dst, &h.Headers)
	case f.close:
		dst = append(dst, "connection: close\r\n"...)
	case f.keep:
		dst = append(dst, "connection: keep-alive\r\n"...)
	}
	switch {
	case f.length >= 0:
		dst = appendLength(dst, f.length)
	case f.length == Unknown:
		dst = append(dst, "transfer-encoding: chunked\r\n"...)
	}
	return append(dst, "\r\n"...)
}

// appendTrailers writes the end of a chunked body.
func appendTrailers(dst []byte, h *stream.Headers) []byte {
	dst = append(dst, "0\r\n"...)
	if h != nil {
		for i := range h.Fields() {
			f := h.At(i)
			if !mayTrail(f.Name) {
				continue
			}
			dst = append(dst, f.Name...)
			dst = append(dst, ": "...)
			dst = append(dst, f.Value...)
			dst = append(dst, "\r\n"...)
		}
	}
	return append(dst, "\r\n"...)
}

func appendChunkSize(dst []byte, n int) []byte {
	dst = strconv.AppendInt(dst, int64(n), 16)
	return append(dst, "\r\n"...)
}
