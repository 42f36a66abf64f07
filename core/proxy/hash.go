package proxy

import (
	"bytes"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/stream"
)

// hashKey is the request's key for a cluster whose policy hashes: a filter's, or
// that of what the cluster goes by; 0 where there is none. It is the same for each
// attempt.
func (x *exchange) hashKey() uint64 {
	return HashKey(&x.cluster.Hash, x.st.Request(), x.st.Info())
}

// HashKey is the key of a request that goes to a cluster with that hash.
func HashKey(h *cluster.Hash, r *stream.RequestHead, info *stream.Info) uint64 {
	if key := info.Wishes.HashKey; key != 0 {
		return key
	}
	switch h.By {
	case cluster.HashClientIP:
		return cluster.KeyOf(info.Client)
	case cluster.HashHeader:
		if v, ok := r.Headers.Get(h.Name); ok {
			return stream.HashKey(v)
		}
	case cluster.HashCookie:
		if v, ok := cookie(&r.Headers, h.Name); ok {
			return stream.HashKey(v)
		}
	case cluster.HashPath:
		path, _, _ := bytes.Cut(r.Path, []byte("?"))
		return stream.HashKey(path)
	}
	return 0
}

// cookie is the first cookie of a name (RFC 6265, section 4.2.1).
func cookie(h *stream.Headers, name string) ([]byte, bool) {
	for i := range h.Len() {
		f := h.At(i)
		if string(f.Name) != "cookie" {
			continue
		}
		for rest := f.Value; len(rest) > 0; {
			var pair []byte
			pair, rest, _ = bytes.Cut(rest, []byte(";"))
			if k, v, ok := bytes.Cut(bytes.TrimLeft(pair, " \t"), []byte("=")); ok && string(k) == name {
				return v, true
			}
		}
	}
	return nil, false
}
