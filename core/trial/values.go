package trial

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trial/rig"
)

// Types of the file that may be written in several forms. Each is a config.Value.

// filterTable is a filter's table, without the defaults of what it leaves out.
type filterTable struct{ config.Filter }

// DecodeTOML reads it as proxy.toml's is read.
func (f *filterTable) DecodeTOML(r *config.Reader, raw any) { r.Into(raw, &f.Filter) }

// fields are header fields: a table, or a list of "name: value" that keeps
// their order.
type fields []rig.Field

// DecodeTOML reads either form.
func (f *fields) DecodeTOML(r *config.Reader, raw any) {
	one := func(r *config.Reader, name string, raw any) {
		if v, ok := raw.(string); !ok {
			r.RejectKind(raw, "a string")
		} else if wrong := fieldWrong(name, v); wrong != "" {
			r.Reject("%s", wrong)
		} else {
			*f = append(*f, rig.Field{Name: name, Value: v})
		}
	}
	switch raw.(type) {
	case map[string]any:
		r.Entries(raw, func(r *config.Reader, name string, raw any) {
			name = strings.ToLower(name)
			if !r.Each(raw, func(r *config.Reader, raw any) { one(r, name, raw) }) {
				one(r, name, raw)
			}
		})
	default:
		if !r.Each(raw, func(r *config.Reader, raw any) {
			if name, v, ok := line(r, raw); ok {
				one(r, name, v)
			}
		}) {
			r.RejectKind(raw, "a table { name = \"value\" } or a list [\"name: value\"]")
		}
	}
}

// line reads "name: value".
func line(r *config.Reader, raw any) (name, value string, ok bool) {
	s, isString := raw.(string)
	if !isString {
		r.RejectKind(raw, "a string \"name: value\"")
		return "", "", false
	}
	if strings.HasPrefix(s, ":") {
		r.Reject("%s", fieldWrong(s, ""))
		return "", "", false
	}
	name, value, ok = strings.Cut(s, ":")
	if !ok {
		r.Reject("%q has no colon; write it like \"name: value\"", s)
	}
	return strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value), ok
}

// fieldWrong is what is wrong with a header field that a proxy would not let
// through to a filter.
func fieldWrong(name, value string) string {
	switch {
	case strings.HasPrefix(name, ":"):
		return fmt.Sprintf("%q is no header field: it is method, path, authority, scheme or status beside the headers", name)
	case !stream.ValidName([]byte(name)):
		return fmt.Sprintf("%q is no name of a header field", name)
	case !stream.ValidValue([]byte(value)):
		return fmt.Sprintf("%q is no value of a header field", value)
	}
	return ""
}

// texts are named strings of any kind, in the order of their names.
type texts []rig.Field

// DecodeTOML reads a table of strings.
func (t *texts) DecodeTOML(r *config.Reader, raw any) {
	if !r.Entries(raw, func(r *config.Reader, name string, raw any) {
		if v, ok := raw.(string); ok {
			*t = append(*t, rig.Field{Name: name, Value: v})
		} else {
			r.RejectKind(raw, "a string")
		}
	}) {
		r.RejectKind(raw, "a table { name = \"value\" }")
	}
}

// instant is a point in time.
type instant struct{ time.Time }

// DecodeTOML reads a date-time.
func (t *instant) DecodeTOML(r *config.Reader, raw any) {
	v, ok := raw.(time.Time)
	if !ok {
		r.RejectKind(raw, "a date and time without quotes: 2026-01-01T00:00:00Z")
		return
	}
	if y := v.Year(); y < 1971 || y > 2200 {
		r.Reject("is in the year %d, want 1971 to 2200", y)
		return
	}
	t.Time = v.UTC()
}

// addr and addrPort are addresses of facts.
type (
	addr     struct{ netip.Addr }
	addrPort struct{ netip.AddrPort }
)

// DecodeTOML reads "192.0.2.1".
func (a *addr) DecodeTOML(r *config.Reader, raw any) {
	s, _ := raw.(string)
	v, err := netip.ParseAddr(s)
	if err != nil {
		r.Reject("is no address; write it like \"192.0.2.1\"")
	}
	a.Addr = v
}

// DecodeTOML reads "192.0.2.1:80".
func (a *addrPort) DecodeTOML(r *config.Reader, raw any) {
	s, _ := raw.(string)
	v, err := netip.ParseAddrPort(s)
	if err != nil {
		r.Reject("is no address with a port; write it like \"192.0.2.1:4000\"")
	}
	a.AddrPort = v
}
