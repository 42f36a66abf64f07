package split

import (
	"slices"

	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

// match sends requests by the value of a header or a cookie.
type match struct {
	key    key
	values []value
}

// value is one of a match and the target that it stands for.
type value struct {
	text   string
	target int
}

// matched is the target of the first match that knows the request's value.
func (f *filter) matched(s *sdk.Stream) (target int, ok bool) {
	for i := range f.matches {
		m := &f.matches[i]
		v := m.key.of(s)
		for j := range m.values {
			if len(v) > 0 && string(v) == m.values[j].text {
				return m.values[j].target, true
			}
		}
	}
	return 0, false
}

// key is where a client's value stands.
type key struct {
	from place
	name string
}

type place uint8

const (
	nowhere place = iota
	inHeader
	inCookie
	inIdentity
	inAddress
)

// order says what the choice needs of other filters.
func (f *filter) order() {
	var order weir.Order
	if f.by.from == inIdentity || slices.ContainsFunc(f.matches, func(m match) bool { return m.key.from == inIdentity }) {
		order.Reads(template.Identity)
	}
	order.Declare()
}

// of is the request's value, empty without one.
func (k *key) of(s *sdk.Stream) (v []byte) {
	switch k.from {
	case inHeader:
		v, _ = s.Request().Get(k.name)
	case inCookie:
		v = cookie(s, k.name)
	case inIdentity:
		v, _ = sdk.Property(template.Identity)
	case inAddress:
		v = weir.ClientIP()
	}
	return v
}
