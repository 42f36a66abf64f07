package edit

import "github.com/weirproxy/weir/core/filter"

// soundGuard says whether a question can be answered: about a field of the request,
// or a pseudo header, and its texts, each of which is one that it may have.
func (e *edit) soundGuard() bool {
	switch e.name {
	case ":method", ":path", authority, ":scheme":
		return e.value.fixed()
	}
	return fieldName(e.name) && e.value.fixed()
}

// holds says whether the edits behind a question are made.
func (e *edit) holds(s filter.Stream) bool { return e.found(s) == (e.action == onlyIf) }

// found says whether the field's first value is one of the texts or, without any,
// whether it is there.
func (e *edit) found(s filter.Stream) bool {
	r := s.Request()
	v := ofRequest(r, e.name)
	there := len(v) > 0 || e.name[0] != ':' && r.Headers.Has(e.name)
	if !there || len(e.value) == 0 {
		return there
	}
	for i := range e.value {
		if string(v) == e.value[i].text {
			return true
		}
	}
	return false
}
