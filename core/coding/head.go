package coding

import "github.com/weirproxy/weir/core/stream"

// Describe makes a response's head tell of a body that is being encoded: the
// coding is added to Content-Encoding, a strong entity tag becomes weak (RFC 9110,
// section 8.8.1), and what is said of the bytes that were, goes.
func (c Coding) Describe(h *stream.Headers) {
	h.AddString("content-encoding", c.String())
	for _, name := range [...]string{"content-length", "accept-ranges", "content-md5", "digest", "content-digest", "repr-digest"} {
		h.Del(name)
	}
	tag, ok := h.Get("etag")
	if !ok || len(tag) < 2 || tag[0] != '"' {
		return
	}
	if len(tag) > maxTag {
		h.Del("etag")
		return
	}
	var weak [2 + maxTag]byte
	h.Set(etag, append(append(weak[:0], "W/"...), tag...))
}

var etag = []byte("etag")

// maxTag bounds an entity tag that is kept, in bytes.
const maxTag = 256

// Encodable says whether a response may be put into a coding: part of a
// representation is one of its bytes as they were (RFC 9110, section 14.4).
func Encodable(h *stream.ResponseHead) bool {
	return h.Status != 206 && !h.Headers.Has("content-range")
}
