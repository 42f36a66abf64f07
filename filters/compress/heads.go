package compress

import (
	"github.com/weirproxy/weir/filters/internal/accepts"
	"github.com/weirproxy/weir/sdk"
)

// response is what counts of a response's head.
type response struct {
	status      int
	mediaType   []byte // nil for none
	length      int64  // of the body; -1 if it is not known
	encoded     bool
	part        bool // of a representation
	noTransform bool
	varies      bool // by Accept-Encoding, as it says itself
}

func (r *response) read(h sdk.Headers) {
	r.length = -1
	for name, value := range h.All() {
		switch string(name) {
		case ":status":
			r.status = int(number(value))
		case "content-type":
			r.mediaType = withoutParameters(value)
		case "content-length":
			r.length = number(value)
		case "content-encoding":
			r.encoded = r.encoded || !equalFold(trim(value), "identity")
		case "content-range":
			r.part = true
		case "cache-control":
			r.noTransform = r.noTransform || has(value, "no-transform")
		case "vary":
			r.varies = r.varies || has(value, "accept-encoding") || has(value, "*")
		}
	}
}

// fit says whether a response could be encoded for a client that accepts it.
func (f *filter) fit(r *response) bool {
	if r.status < 200 || r.status == 204 || r.status == 206 || r.encoded || r.part || r.noTransform || r.mediaType == nil {
		return false
	}
	return !grpc(r.mediaType) && f.wants(r.mediaType)
}

// request is what counts of a request's head.
type request struct {
	accepts     accepted
	noTransform bool
}

func (r *request) read(h sdk.Headers) {
	for name, value := range h.All() {
		switch string(name) {
		case "accept-encoding":
			r.accepts.read(value)
		case "cache-control":
			r.noTransform = r.noTransform || has(value, "no-transform")
		}
	}
	if r.accepts.onlyIdentity() {
		// So has a filter behind this one asked the upstream, which may have kept the client's.
		if value, kept := sdk.Property(accepts.Property); kept {
			r.accepts = accepted{}
			r.accepts.read(value)
		}
	}
}

// number reads digits; -1 stands for anything else.
func number(b []byte) int64 {
	if len(b) == 0 || len(b) > 18 {
		return -1
	}
	n := int64(0)
	for _, c := range b {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int64(c-'0')
	}
	return n
}

// has says whether a list has a member, whatever its case. Members that are
// behind "=" or in quotes do not count as such.
func has(list []byte, member string) bool {
	for len(list) > 0 {
		var m []byte
		if m, list = cut(list, ','); equalFold(trim(m), member) {
			return true
		}
	}
	return false
}

// cut parts b at the first c.
func cut(b []byte, c byte) (before, after []byte) {
	for i := range b {
		if b[i] == c {
			return b[:i], b[i+1:]
		}
	}
	return b, nil
}

// trim removes blanks and tabs at both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// equalFold compares with a text in lower case, whatever the case of b.
func equalFold(b []byte, text string) bool {
	if len(b) != len(text) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != text[i] {
			return false
		}
	}
	return true
}
