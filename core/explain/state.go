package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// state is what filters can change of a stream, as it was at one moment.
type state struct {
	method, path, authority string
	status                  int // 0: there is no response
	request, response       []Field
	wishes                  stream.Wishes
}

func stateOf(s filter.Stream) state {
	r := s.Request()
	st := state{method: string(r.Method), path: string(r.Path), authority: string(r.Authority), request: listed(&r.Headers), wishes: s.Info().Wishes}
	if a := s.Response(); a != nil {
		st.status, st.response = a.Status, listed(&a.Headers)
	}
	return st
}

func listed(h *stream.Headers) []Field {
	list := make([]Field, 0, h.Len())
	for _, f := range h.Fields() {
		list = append(list, Field{string(f.Name), string(f.Value)})
	}
	return list
}

// changes are what is different afterwards.
func (b *state) changes(a *state, m *masks) []Change {
	out := []Change{}
	text := func(of, what, from, to string) {
		if from != to {
			out = append(out, Change{Of: of, What: what, Did: "set", From: from, To: to})
		}
	}
	text("request", "method", b.method, a.method)
	text("request", "authority", b.authority, a.authority)
	text("request", "path", m.path(b.path), m.path(a.path))
	out = append(out, compare("request", b.request, a.request, m)...)
	if b.status != 0 {
		text("response", "status", strconv.Itoa(b.status), strconv.Itoa(a.status))
		out = append(out, compare("response", b.response, a.response, m)...)
	}
	wished(&b.wishes, &a.wishes, text)
	return out
}

// wished compares what filters ask of the core.
func wished(b, a *stream.Wishes, text func(of, what, from, to string)) {
	text("stream", "timeout", span(b.Within), span(a.Within))
	text("stream", "timeout field", b.TimeoutField, a.TimeoutField)
	text("stream", "mirror", b.Mirror.Cluster, a.Mirror.Cluster)
	if b.HashKey != a.HashKey {
		text("stream", "hash key", number(b.HashKey), number(a.HashKey))
	}
	if a.Retry != nil && b.Retry != a.Retry {
		text("stream", "retry policy", "", fmt.Sprintf("%d attempts beside the first", a.Retry.Attempts))
	}
}

func number(key uint64) string {
	if key == 0 {
		return ""
	}
	return fmt.Sprintf("%016x", key)
}

// compare finds out which fields were set, added and removed.
func compare(of string, before, after []Field, m *masks) (out []Change) {
	var names []string
	for _, f := range slices.Concat(before, after) {
		if !slices.Contains(names, f.Name) {
			names = append(names, f.Name)
		}
	}
	for _, name := range names {
		from, to := values(before, name), values(after, name)
		if slices.Equal(from, to) {
			continue
		}
		c := Change{Of: of, What: "field", Name: name, Did: "set", From: m.joined(name, from), To: m.joined(name, to)}
		switch {
		case len(to) == 0:
			c.Did = "remove"
		case len(from) == 0:
			c.Did = "add"
		}
		out = append(out, c)
	}
	return out
}

func values(list []Field, name string) (found []string) {
	for _, f := range list {
		if f.Name == name {
			found = append(found, f.Value)
		}
	}
	return found
}

// joined are the values of one field.
func (m *masks) joined(name string, list []string) string {
	shown := make([]string, len(list))
	for i, v := range list {
		shown[i] = m.value(name, v)
	}
	return strings.Join(shown, ", ")
}
