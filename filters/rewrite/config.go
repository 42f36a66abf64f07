package rewrite

import (
	"github.com/weirproxy/weir/filters/internal/prefix"
	"github.com/weirproxy/weir/filters/internal/regex"
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk/jsonconf"
)

// read turns the configuration into changes.
func (f *filter) read(text []byte) error {
	r := jsonconf.New(text)
	r.Object(func(key []byte) {
		switch string(key) {
		case "strip_prefix":
			f.once(r)
			f.path = pathChange{kind: replacePrefix, prefix: prefix.Change{From: prefix.Path(r)}}
		case "replace_prefix":
			f.once(r)
			f.path = pathChange{kind: replacePrefix, prefix: prefix.Read(r)}
		case "regex":
			f.once(r)
			f.path = pathChange{kind: replaceMatches, regex: regex.Read(r)}
		case "host":
			f.host, f.hosts = readHost(r), true
		case "query":
			readQuery(r, &f.query)
		case "reroute":
			f.reroute = r.Bool()
		default:
			r.Unknown("strip_prefix", "replace_prefix", "regex", "host", "query", "reroute")
		}
	})
	if f.path.kind == keepPath && !f.query.any() && !f.hosts {
		r.Fail(`changes nothing; give it a "strip_prefix", "replace_prefix", "regex", "host" or "query"`)
	}
	return r.Err()
}

// once sees to it that the path is changed in one way.
func (f *filter) once(r *jsonconf.Reader) {
	if f.path.kind != keepPath {
		r.Fail(`is a second change of the path; give one of "strip_prefix", "replace_prefix" and "regex", or use two filters`)
	}
}

func readHost(r *jsonconf.Reader) template.Template {
	v := r.String()
	t, err := template.Parse(v)
	switch text, fixed := t.Literal(); {
	case r.Failed():
	case err != nil:
		r.Fail(err.Error())
	case t.NeedsResponse():
		r.Fail("the response is not known yet when the request is changed")
	case fixed && !hostText(text):
		r.Fail(`must be a host with or without a port, such as "api.example.com", not `, jsonconf.Quote(v))
	}
	return t
}

func hostText(v string) bool {
	for i := range len(v) {
		switch c := v[i]; {
		case c <= ' ', c >= 0x7f, c == '/', c == '@', c == '?', c == '#', c == ',':
			return false
		}
	}
	return v != ""
}

func readQuery(r *jsonconf.Reader, q *queryChange) {
	var added []parameter
	r.Object(func(key []byte) {
		switch string(key) {
		case "remove":
			r.List(func(int) { q.remove = append(q.remove, name(r, r.String())) })
		case "set":
			r.Object(func(key []byte) {
				p := readParameter(r, string(key))
				q.remove = append(q.remove, string(key))
				q.add = append(q.add, p)
			})
		case "add":
			r.Object(func(key []byte) { added = append(added, readParameter(r, string(key))) })
		default:
			r.Unknown("remove", "set", "add")
		}
	})
	q.add = append(q.add, added...) // behind what is set, in whatever order they stand
}

func name(r *jsonconf.Reader, n string) string {
	if n == "" {
		r.Fail("is an empty name; a parameter needs one")
	}
	return n
}

func readParameter(r *jsonconf.Reader, n string) parameter {
	p := parameter{name: string(escape(nil, name(r, n)))}
	t, err := template.Parse(r.String())
	switch {
	case r.Failed():
	case err != nil:
		r.Fail(err.Error())
	case t.NeedsResponse():
		r.Fail("the response is not known yet when the request is changed")
	}
	v, fixed := t.Literal()
	p.value, p.fill, p.fills = v, t, !fixed
	return p
}
