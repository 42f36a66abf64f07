package sdktest

import (
	"strings"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// seen finds the fields behind a map id, and says whether they can be read
// and written in this phase.
func (h *Host) seen(m abi.Map) (f *fields, read, write bool) {
	if m == abi.HTTPCallHeaders || m == abi.HTTPCallTrailers {
		if h.call == nil {
			return nil, false, false
		}
		if m == abi.HTTPCallHeaders {
			return &h.call.head, true, false
		}
		return &h.call.trailers, true, false
	}
	if h.rpc != nil && m == abi.GRPCInitial {
		return &h.rpc.initial, true, false
	}
	if h.rpc != nil && m == abi.GRPCTrailing {
		return &h.rpc.trailing, true, false
	}
	s := h.effective
	if s == nil || s.connection || m > abi.ResponseTrailers || h.phase == ending {
		return nil, false, false
	}
	request, response := &s.half[abi.Request], &s.half[abi.Response]
	log := h.phase == logging
	switch m {
	case abi.RequestHeaders:
		return &request.head, true, !request.passed && !log && !s.local
	case abi.RequestTrailers:
		return &request.trailers, request.has && !log, request.has || request.late
	case abi.ResponseHeaders:
		there := len(response.head) > 0
		open := there && !response.passed
		return &response.head, open || log || h.phase == responseHead, open && !log
	}
	return &response.trailers, response.has || log, (response.has || response.late) && !log
}

// alias is what a name stands for in a map.
func alias(m abi.Map, name string) string {
	if m == abi.RequestHeaders && strings.EqualFold(name, "host") {
		return ":authority"
	}
	return name
}

// HeaderGet is the first value of name.
func (h *Host) HeaderGet(m abi.Map, name string) ([]byte, abi.Status) {
	f, read, _ := h.seen(m)
	if !read {
		return nil, abi.BadArgument
	}
	i := f.find(alias(m, name))
	if i < 0 {
		return nil, abi.NotFound
	}
	return h.arena.keep((*f)[i].value), abi.OK
}

// writable finds the fields behind a map id for a change.
func (h *Host) writable(m abi.Map) (*fields, bool) {
	f, _, write := h.seen(m)
	if !write {
		return nil, false
	}
	if m == abi.RequestTrailers {
		h.effective.half[abi.Request].has = true
	} else if m == abi.ResponseTrailers {
		h.effective.half[abi.Response].has = true
	}
	return f, true
}

// HeaderSet replaces every value of name by one.
func (h *Host) HeaderSet(m abi.Map, name, value string) abi.Status {
	name = alias(m, name)
	f, ok := h.writable(m)
	if !ok || !validField(m, name, value) {
		return abi.BadArgument
	}
	f.set(name, value)
	return abi.OK
}

// HeaderAdd appends a value. Where Envoy keeps one field it is joined to that
// by a comma.
func (h *Host) HeaderAdd(m abi.Map, name, value string) abi.Status {
	name = alias(m, name)
	f, ok := h.writable(m)
	if !ok || !validField(m, name, value) {
		return abi.BadArgument
	}
	i := f.find(name)
	if i < 0 || !(m == abi.RequestHeaders || m == abi.ResponseHeaders) || !single(name) {
		f.add(name, value)
		return abi.OK
	}
	joined := string((*f)[i].value) + "," + value
	if !validField(m, name, joined) {
		return abi.BadArgument
	}
	f.set(name, joined)
	return abi.OK
}

// single says whether a head has one field of that name at most.
func single(name string) bool {
	switch strings.ToLower(name) {
	case "user-agent", "content-type", "accept", "referer", "etag", "cache-control", "vary":
		return true
	}
	return name[0] == ':'
}

// HeaderDel removes every value of name.
func (h *Host) HeaderDel(m abi.Map, name string) abi.Status {
	name = alias(m, name)
	f, ok := h.writable(m)
	if !ok {
		return abi.BadArgument
	}
	if name != ":scheme" { // needed to go on; Envoy keeps it too
		f.removeFrom(0, name)
	}
	return abi.OK
}

// HeaderPairs is the whole map, serialised; empty outside its phase.
func (h *Host) HeaderPairs(m abi.Map) ([]byte, abi.Status) {
	f, read, _ := h.seen(m)
	if m > abi.HTTPCallTrailers {
		return nil, abi.BadArgument
	}
	if !read {
		return []byte{}, abi.OK
	}
	h.result = f.appendPairs(h.result[:0])
	return h.arena.keep(h.result), abi.OK
}

// HeaderSetPairs replaces the whole map, or nothing.
func (h *Host) HeaderSetPairs(m abi.Map, pairs []byte) abi.Status {
	list, ok := parsePairs(pairs)
	if !ok {
		return abi.BadArgument
	}
	for _, e := range list {
		if !validField(m, alias(m, e.Name), e.Value) {
			return abi.BadArgument
		}
	}
	f, ok := h.writable(m)
	if !ok {
		return abi.BadArgument
	}
	f.reset()
	for _, e := range list {
		f.add(alias(m, e.Name), e.Value)
	}
	return abi.OK
}

// validField says whether a field may stand in a map.
func validField(m abi.Map, name, value string) bool {
	if name == "" || name[0] != ':' {
		return validName(name) && validValue(value)
	}
	switch {
	case m == abi.RequestHeaders && name == ":method":
		return validName(value)
	case m == abi.RequestHeaders && name == ":path":
		return strings.HasPrefix(value, "/") && validValue(value) && !strings.ContainsAny(value, " \t")
	case m == abi.RequestHeaders && name == ":authority":
		return validHost(value) && value != ""
	case m == abi.RequestHeaders && name == ":scheme":
		return value == "http" || value == "https"
	case m == abi.ResponseHeaders && name == ":status":
		return len(value) == 3 && value[0] >= '2' && value[0] <= '5' && isDigit(value[1]) && isDigit(value[2])
	}
	return false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// validName says whether s is a token of RFC 9110.
func validName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || isDigit(c) || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0 {
			continue
		}
		return false
	}
	return s != ""
}

// validHost says whether s has nothing but what hosts and ports are written with.
func validHost(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || isDigit(c) || strings.IndexByte("-._~%!$&'()*+,;=:[]", c) >= 0 {
			continue
		}
		return false
	}
	return true
}

// validValue says whether s has no control character but TAB.
func validValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
