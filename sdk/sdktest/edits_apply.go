package sdktest

import (
	"strings"

	"github.com/weirproxy/weir/sdk/internal/abi"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// What the edits of one stream may write, and a property's value, in bytes.
const (
	maxEdited   = 256 << 10
	maxProperty = 16 << 10
)

// made is what became of one edit.
type made uint8

const (
	unchanged made = iota
	changed
	opened // there is nothing left to do for the callback
	refused
	ended // the group's edits behind it are not made
)

// edit makes the edits of a phase, before its callback. It says whether the
// callback is not to come: a gate was open, or the request is answered.
func (s *Stream) edit(p phase) (spared bool) {
	h := s.host
	for i := range h.edits {
		g := &h.edits[i]
		change, refusals := false, int64(0)
	group:
		for k := range g.edits {
			e := &g.edits[k]
			if e.phase != p || !e.meets(s) {
				continue
			}
			switch e.apply(s) {
			case changed:
				change = true
			case opened:
				change, spared = true, true
			case refused:
				refusals++
			case ended:
				break group
			}
		}
		if change && g.made != noCounter {
			h.MetricIncrement(g.made, 1)
		}
		if refusals > 0 && g.refused != noCounter {
			h.MetricIncrement(g.refused, refusals)
		}
		if refusals > 0 && g.strict {
			if p != logging {
				s.reply = reply{set: true, status: 400, details: "filter_edit_refused", body: "this request cannot be served\n", grpc: -1}
			}
			return true
		}
	}
	return spared
}

// editIn is edit where the host's facts can be asked for.
func (s *Stream) editIn(p phase) (spared bool) {
	if len(s.host.edits) > 0 {
		s.host.callback(s, p, func() { spared = s.edit(p) })
	}
	return spared
}

// meets says whether the edit's conditions hold.
func (e *edit) meets(s *Stream) bool {
	if !strings.HasPrefix(s.peek(abi.Request, ":path"), e.within) {
		return false
	}
	if e.status == 0 {
		return true
	}
	var class [1]byte
	status := s.peek(abi.Response, ":status")
	copy(class[:], status)
	if e.status < 10 {
		return int(class[0])-'0' == e.status
	}
	n := 0
	for _, c := range status {
		n = n*10 + int(c-'0')
	}
	return n == e.status
}

func (e *edit) apply(s *Stream) made {
	switch e.action {
	case setProperty:
		v, known := e.value(s)
		switch {
		case !known:
			return unchanged
		case len(v) > maxProperty:
			return refused
		}
		s.host.PropertySet(e.name, v)
		return changed
	case replacePrefix:
		return e.replacePrefix(s)
	case gate, breakerEdit:
		return e.pass(s)
	case onlyIf, onlyUnless:
		if e.found(s) == (e.action == onlyIf) {
			return unchanged
		}
		return ended
	case spareEdit:
		return opened
	}
	head := &s.half[abi.Request].head
	if e.phase == responseHead {
		head = &s.half[abi.Response].head
	}
	i := head.find(e.name)
	switch {
	case e.action == removeField:
		return removed(head, e.name)
	case e.action == addIfAbsent && i >= 0:
		return unchanged
	case e.action == setUnlessPlain && i >= 0 && plain((*head)[i].value) && (*head)[i+1:].find(e.name) < 0:
		return unchanged
	}
	return e.write(s, head)
}

// found says whether the request's field has one of the values, or any if there are
// none to choose from.
func (e *edit) found(s *Stream) bool {
	i := s.half[abi.Request].head.find(e.name)
	if i < 0 || len(e.parts) == 0 {
		return i >= 0
	}
	for _, p := range e.parts {
		if s.peek(abi.Request, e.name) == p.text {
			return true
		}
	}
	return false
}

func removed(head *fields, name string) made {
	n := len(*head)
	if head.removeFrom(0, name); len(*head) == n {
		return unchanged
	}
	return changed
}

// write sets or adds the field.
func (e *edit) write(s *Stream, head *fields) made {
	v, known := e.value(s)
	authority := e.name == ":authority"
	switch {
	case !known && e.action == setField && !authority:
		return removed(head, e.name) // what a client made up must not stand for what is not known
	case !known:
		return unchanged
	case authority && (!validHost(v) || v == "" || !s.spend(len(v))):
		return refused
	case !authority && (!validValue(v) || !s.spend(len(e.name)+len(v))):
		if e.action == setField || e.action == setUnlessPlain {
			removed(head, e.name) // nor for what cannot be said
		}
		return refused
	case e.action == setField, e.action == setUnlessPlain:
		head.set(e.name, v)
	default:
		head.add(e.name, v)
	}
	return changed
}

// replacePrefix puts the value in the place of a prefix of whole segments.
func (e *edit) replacePrefix(s *Stream) made {
	was := s.peek(abi.Request, ":path")
	path, query, asks := strings.Cut(was, "?")
	rest, ok := strings.CutPrefix(path, e.name)
	if !ok || rest != "" && rest[0] != '/' && !strings.HasSuffix(e.name, "/") {
		return unchanged
	}
	to, _ := e.value(s)
	switch slash := strings.HasSuffix(to, "/"); {
	case slash:
		rest = strings.TrimPrefix(rest, "/")
	case rest == "" && to == "", rest != "" && rest[0] != '/':
		to += "/"
	}
	to += rest
	if asks {
		to += "?" + query
	}
	switch {
	case to == was:
		return unchanged
	case !strings.HasPrefix(to, "/") || !visible(to) || !s.spend(len(to)):
		return refused
	}
	s.half[abi.Request].head.set(":path", to)
	return changed
}

// pass takes one unit of the rate that the edit's name holds, or a place in the circuit. Whatever else
// than a clear yes comes of it is for the callback to see.
func (e *edit) pass(s *Stream) made {
	key, known := e.value(s)
	if !known || len(key)-e.texts() > 120 {
		return unchanged
	}
	b, function := []byte(e.name), "weir.circuit_enter"
	if e.action == gate {
		b, function = le.AppendUint64(b, 1), "weir.rate_take"
	}
	decision, status := s.host.Foreign(function, append(b, key...))
	if status != abi.OK || le.Uint32(decision) == 0 {
		return unchanged
	}
	return opened
}

func (s *Stream) spend(n int) bool {
	s.edited += n
	return s.edited <= maxEdited
}

// visible says whether there are neither blanks nor control characters in v.
func visible(v string) bool {
	for i := range len(v) {
		if v[i] <= ' ' || v[i] == 0x7f {
			return false
		}
	}
	return true
}

// plain says whether v can go into logs as it is.
func plain(v []byte) bool {
	for _, c := range v {
		if c|0x20 >= 'a' && c|0x20 <= 'z' || isDigit(c) || strings.IndexByte("-_.~+/=:@", c) >= 0 {
			continue
		}
		return false
	}
	return len(v) > 0 && len(v) <= 128
}
