package proxywasm

import (
	"strconv"

	"github.com/weirproxy/weir/core/stream"
)

// The pseudo headers. "host" is another name of ":authority".
const (
	nameMethod    = ":method"
	namePath      = ":path"
	nameAuthority = ":authority"
	nameHost      = "host"
	nameScheme    = ":scheme"
	nameStatus    = ":status"
)

// statusDigits holds a :status in digits.
type statusDigits [4]byte

func (d *statusDigits) of(code int) []byte { return strconv.AppendInt(d[:0], int64(code), 10) }

// eachPseudo calls do for the pseudo headers that are there, in Envoy's order.
func (m fieldMap) eachPseudo(d *statusDigits, do func(name string, value []byte)) {
	if r := m.request; r != nil {
		if len(r.Authority) > 0 {
			do(nameAuthority, r.Authority)
		}
		if len(r.Path) > 0 {
			do(namePath, r.Path)
		}
		if len(r.Method) > 0 {
			do(nameMethod, r.Method)
		}
		if len(r.Scheme) > 0 {
			do(nameScheme, r.Scheme)
		}
	}
	if m.response != nil && m.response.Status != 0 {
		do(nameStatus, d.of(m.response.Status))
	}
}

// countRequest is the number of entries of a request's map.
func countRequest(r *stream.RequestHead) int {
	n := r.Headers.Len()
	for _, present := range [...]bool{len(r.Authority) > 0, len(r.Path) > 0, len(r.Method) > 0, len(r.Scheme) > 0} {
		n += int(bit(present))
	}
	return n
}

// countResponse is the number of entries of a response's map.
func countResponse(r *stream.ResponseHead) int {
	return r.Headers.Len() + int(bit(r.Status != 0))
}

// pseudo is where a request's pseudo header lies, nil for any other name.
func (m fieldMap) pseudo(name string) *[]byte {
	if m.request == nil || len(name) < len(nameHost) || name[0] != ':' && name[0] != 'h' {
		return nil
	}
	switch name {
	case nameMethod:
		return &m.request.Method
	case namePath:
		return &m.request.Path
	case nameAuthority, nameHost:
		return &m.request.Authority
	case nameScheme:
		return &m.request.Scheme
	}
	return nil
}

func (m fieldMap) isStatus(name string) bool { return m.response != nil && name == nameStatus }

// validPseudo says whether value may stand in a request's pseudo header.
func validPseudo(name string, value []byte) bool {
	switch name {
	case nameMethod:
		return stream.ValidName(value) // a method is a token
	case namePath:
		return len(value) > 0 && value[0] == '/' && stream.Visible(value)
	case nameScheme:
		return string(value) == "http" || string(value) == "https"
	}
	return len(value) > 0 && stream.ValidHost(value)
}

// parseStatus reads a :status: three digits, 200 to 599.
func parseStatus(b []byte) (int, bool) {
	if len(b) != 3 {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, finalStatus(n)
}

// finalStatus says whether a filter may answer with a code. Informational ones
// would leave the client waiting.
func finalStatus(code int) bool { return code >= 200 && code <= 599 }
