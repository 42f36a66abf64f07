package edit

import (
	"bytes"

	"github.com/weirproxy/weir/core/stream"
)

// replacePrefix puts the value in the place of a prefix of whole segments:
// "/a" is one of "/a" and "/a/b", not of "/ab". The query stays.
func (e *edit) replacePrefix(r *stream.RequestHead, room *Room) result {
	path, query, asks := bytes.Cut(r.Path, []byte("?"))
	n := len(e.name)
	if len(path) < n || string(path[:n]) != e.name || len(path) > n && e.name[n-1] != '/' && path[n] != '/' {
		return nothing
	}
	rest := path[n:]
	at := len(room.Memory)
	b, _ := e.value.append(room.Memory, nil) // it is fixed
	switch slash := len(b) > at && b[len(b)-1] == '/'; {
	case slash && len(rest) > 0 && rest[0] == '/':
		rest = rest[1:]
	case !slash && (len(rest) == 0 && len(b) == at || len(rest) > 0 && rest[0] != '/'):
		b = append(b, '/')
	}
	b = append(b, rest...)
	if asks {
		b = append(append(b, '?'), query...)
	}
	room.Memory = b
	p := b[at:len(b):len(b)]
	switch {
	case bytes.Equal(p, r.Path):
		room.Memory = b[:at]
		return nothing
	case len(p) == 0 || p[0] != '/' || !stream.Visible(p) || !room.spend(len(p)):
		room.Memory = b[:at]
		return refusal
	}
	r.Path = p
	return changed
}
