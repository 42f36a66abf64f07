package web

import (
	"encoding/binary"

	"github.com/weirproxy/weir/core/stream"
)

// trailerFlag begins a frame of trailers, where a message's says how it is
// compressed.
const trailerFlag = 0x80

// AppendTrailers writes trailers as the last frame of a body.
func AppendTrailers(dst []byte, h *stream.Headers) []byte {
	at := len(dst)
	dst = append(dst, trailerFlag, 0, 0, 0, 0)
	for i := range h.Fields() {
		f := h.At(i)
		dst = append(append(dst, f.Name...), ": "...)
		dst = append(append(dst, f.Value...), "\r\n"...)
	}
	binary.BigEndian.PutUint32(dst[at+1:], uint32(len(dst)-at-5))
	return dst
}
