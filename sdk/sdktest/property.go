package sdktest

import (
	"strings"

	"github.com/weirproxy/weir/sdk/internal/abi"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// Int is a property's value that is a number.
func Int(n int64) string { return string(le.AppendUint64(nil, uint64(n))) }

// PropertyGet is a fact about the stream or the filter, or what a filter set.
func (h *Host) PropertyGet(path string) ([]byte, abi.Status) {
	if path == "" {
		return nil, abi.Serialization
	}
	path = strings.TrimSuffix(path, "\x00")
	if v, ok := h.builtin(path); ok {
		return v, abi.OK
	}
	if s := h.effective; s != nil {
		for i := range s.props {
			if s.props[i].path == path {
				return h.arena.keep(s.props[i].value), abi.OK
			}
		}
	}
	return nil, abi.NotFound
}

func (h *Host) keepInt(n int64) []byte {
	var b [8]byte
	return h.arena.keep(le.AppendUint64(b[:0], uint64(n)))
}

func (h *Host) keepString(v string) []byte {
	return h.arena.keep([]byte(v))
}

// PropertySet stores a value for later filters and the access log.
func (h *Host) PropertySet(path, value string) abi.Status {
	s := h.effective
	if s == nil {
		return abi.NotFound
	}
	for i := range s.props {
		if p := &s.props[i]; p.path == path {
			p.value = append(p.value[:0], value...)
			return abi.OK
		}
	}
	n := len(s.props)
	if n < cap(s.props) {
		s.props = s.props[:n+1]
		if s.props[n].path != path {
			s.props[n].path = strings.Clone(path)
		}
	} else {
		s.props = append(s.props, property{path: strings.Clone(path)})
	}
	p := &s.props[n]
	p.value = append(p.value[:0], value...)
	return abi.OK
}
