package sdktest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// builtin are the host's own facts; the test's come first.
func (h *Host) builtin(path string) ([]byte, bool) {
	s := h.effective
	if s != nil {
		if v, ok := given(s.req.Properties, path); ok {
			return h.keepString(v), true
		}
	}
	if v, ok := given(h.o.Properties, path); ok {
		return h.keepString(v), true
	}
	switch path {
	case "weir.lane":
		return h.keepInt(int64(h.o.Lane)), !h.o.Elsewhere
	case "plugin_root_id":
		return h.keepString(h.rootID), true
	case "plugin_name", "plugin_vm_id":
		return h.keepString("test"), true
	}
	if s == nil || s.connection {
		return nil, false
	}
	if name, ok := strings.CutPrefix(path, "request\x00headers\x00"); ok {
		return s.field(abi.Request, name)
	}
	if name, ok := strings.CutPrefix(path, "response\x00headers\x00"); ok {
		return s.field(abi.Response, name)
	}
	switch path {
	case "request\x00path":
		return s.field(abi.Request, ":path")
	case "request\x00url_path":
		v, ok := s.field(abi.Request, ":path")
		if i := strings.IndexByte(string(v), '?'); i >= 0 {
			v = v[:i]
		}
		return v, ok
	case "request\x00query":
		v, _ := s.field(abi.Request, ":path")
		_, q, _ := strings.Cut(string(v), "?")
		return h.keepString(q), true
	case "request\x00method":
		return s.field(abi.Request, ":method")
	case "request\x00host":
		return s.field(abi.Request, ":authority")
	case "request\x00scheme":
		return s.field(abi.Request, ":scheme")
	case "request\x00protocol":
		return h.keepString("HTTP/1.1"), true
	case "request\x00size":
		return h.keepInt(int64(s.half[abi.Request].bytes)), true
	case "response\x00size":
		return h.keepInt(int64(s.half[abi.Response].bytes)), true
	case "request\x00duration":
		if h.phase == logging {
			return h.keepInt(h.now - s.start), true
		}
		return nil, false
	case "response\x00code":
		if len(s.half[abi.Response].head) == 0 {
			return nil, false
		}
		v, _ := s.field(abi.Response, ":status")
		n, _ := strconv.Atoi(string(v))
		return h.keepInt(int64(n)), true
	}
	return nil, false
}

// given finds a path among facts whose names have dots.
func given(facts map[string]string, path string) (string, bool) {
	if len(facts) == 0 {
		return "", false
	}
	if v, ok := facts[path]; ok {
		return v, true
	}
	for name, v := range facts {
		if len(name) == len(path) && equalPath(name, path) {
			return v, true
		}
	}
	return "", false
}

func equalPath(dotted, path string) bool {
	for i := range len(path) {
		if c := path[i]; c != dotted[i] && (c != 0 || dotted[i] != '.') {
			return false
		}
	}
	return true
}

// field is the values of a name, joined by commas.
func (s *Stream) field(d abi.Direction, name string) ([]byte, bool) {
	f := s.half[d].head
	first := f.find(name)
	if first < 0 {
		return nil, false
	}
	v := f[first].value
	for _, other := range f[first+1:] {
		if string(other.name) == name {
			v = append(append(slices.Clip(v), ','), other.value...)
		}
	}
	return s.host.arena.keep(v), true
}
