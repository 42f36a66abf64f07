package http2

import (
	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// responseHead is a head that waits to be read.
type responseHead struct {
	status int
	fields int // how many of the stream's fields are its
	size   int
	length int64 // declared, -1 without one
	trails bool  // it announces trailers
}

// parseResponse checks a response's head, with the strictness of HTTP/1 and of
// RFC 9113, section 8: whoever is sent it in that version must not read it
// differently.
func parseResponse(b *block, l *http1.Limits) (responseHead, error) {
	r := responseHead{fields: len(b.fields), size: b.size, length: -1}
	if b.over != nil || len(b.fields) > l.Count {
		return r, errResponseLarge
	}
	framing := http1.Framing{Length: -1}
	for i := range b.fields {
		name, value := spanOf(b.fields[i].Name), spanOf(b.fields[i].Value)
		if i == 0 {
			if r.status = statusOf(name, value); r.status == 0 {
				return r, errStatus
			}
			continue
		}
		switch {
		case len(name) > 0 && name[0] == ':':
			return r, errResponsePseudo
		case !validName(name):
			return r, errResponseName
		case !validValue(value):
			return r, errResponseValue
		case ofConnection(name):
			return r, errResponseHop
		case string(name) == "content-length":
			if framing.AddLength(value) != nil {
				return r, errResponseLength
			}
		case string(name) == "trailer":
			r.trails = true
		}
	}
	r.length = framing.Length
	switch {
	case r.status == 0:
		return r, errStatus
	case r.status == 101:
		return r, errSwitching
	case r.status < 200 && b.end:
		return r, errInterimEnd
	}
	return r, nil
}

// statusOf is the status that a head's first field tells, 0 for another field
// or a malformed value.
func statusOf(name, value []byte) int {
	if string(name) != ":status" || len(value) != 3 {
		return 0
	}
	n := 0
	for _, c := range value {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	if n < 100 || n > 599 {
		return 0
	}
	return n
}

// ofConnection says whether a field speaks of a connection, which has no place
// in a response of HTTP/2 (RFC 9113, section 8.2.2).
func ofConnection(name []byte) bool {
	switch string(name) {
	case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te":
		return true
	}
	return false
}

// maxHeads bounds the heads that nobody has read: an upstream may send interim
// ones faster than they are passed on.
const maxHeads = 32

// take queues a head. The lock is held.
func (s *ClientStream) take(r responseHead, b *block) error {
	waiting := r.size
	for i := range s.heads {
		waiting += s.heads[i].size
	}
	if len(s.heads) >= maxHeads || len(s.heads) > 0 && waiting > s.c.opt.Limits.Bytes {
		return errInterimFlood
	}
	s.heads = append(s.heads, r)
	if len(s.fields) == 0 {
		s.fields, b.fields = b.fields, s.fields
	} else {
		s.fields = append(s.fields, b.fields...)
	}
	s.answered = true
	if r.status >= 200 {
		s.final = true
		s.expected = s.bodyOf(r)
	}
	s.cond.Broadcast()
	return nil
}

// bodyOf is the length of a response's body, -1 if it is not known. The method
// and the status may rule a body out, whatever the fields say.
func (s *ClientStream) bodyOf(r responseHead) int64 {
	if s.isHead || r.status == 204 || r.status == 304 {
		return 0
	}
	return r.length
}

// give makes the first head that waits the one that was read. The lock is held.
func (s *ClientStream) give(h *stream.ResponseHead) {
	r := s.heads[0]
	h.Status, h.Version = r.status, stream.HTTP2
	for _, f := range s.fields[1:r.fields] {
		if f.Name != "proxy-authenticate" && f.Name != "proxy-authorization" {
			h.Headers.AppendRaw(spanOf(f.Name), spanOf(f.Value))
		}
	}
	n := copy(s.heads, s.heads[1:])
	s.heads = s.heads[:n]
	n = copy(s.fields, s.fields[r.fields:])
	clear(s.fields[n:])
	s.fields = s.fields[:n]
	s.framing = http1.Framing{Length: -1}
	if r.status < 200 {
		s.framing.Length = 0
		return
	}
	s.framing.Length = s.bodyOf(r)
	s.framing.Chunked = !s.isHead && (s.trailers.Len() > 0 || (s.framing.Length < 0 || r.trails) && !s.recvEnd)
	if s.connect && r.status < 300 {
		s.switched(h)
	}
}

// maxKeptFields bounds what a stream that is used again holds on to.
const maxKeptFields = 256

func keptFields(f []hpack.HeaderField) []hpack.HeaderField {
	if cap(f) > maxKeptFields {
		return nil
	}
	clear(f)
	return f[:0]
}
