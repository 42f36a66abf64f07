package metrics

import (
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk/jsonconf"
)

// maxLabels, and the lengths of names and values, keep the name of a series
// within the 256 bytes that Weir takes.
const maxLabels = 4

var kinds = [...]string{requests: "requests", duration: "duration", requestBytes: "request_bytes", responseBytes: "response_bytes"}

// names are what the series of each kind are called.
var names = [...]string{requests: "requests", duration: "duration_ms", requestBytes: "request_bytes", responseBytes: "response_bytes"}

func (f *filter) read(text []byte) error {
	r := jsonconf.New(text)
	prefix := ""
	r.Object(func(key []byte) {
		switch string(key) {
		case "prefix":
			if prefix = r.String(); !r.Failed() && !word(prefix) {
				r.Fail("must be 1 to 16 small letters, digits and _")
			}
		case "measure":
			r.List(func(int) { f.readMeasure(r) })
		case "labels":
			r.Object(func(key []byte) { f.readLabel(r, string(key)) })
		case "max_series":
			f.most = int(r.Int(1, 10_000))
		default:
			r.Unknown("prefix", "measure", "labels", "max_series")
		}
	})
	if len(f.measure) == 0 {
		f.measure = []measure{{kind: requests}}
	}
	if f.most < 2*len(f.measure) {
		r.FailAt("max_series", `leaves no room: each of "measure" needs at least two, one of them for other values`)
	}
	for i := range f.measure {
		m := &f.measure[i]
		m.name = names[m.kind]
		if prefix != "" {
			m.name = prefix + "_" + m.name
		}
	}
	return r.Err()
}

func (f *filter) readMeasure(r *jsonconf.Reader) {
	v := r.OneOf(kinds[:]...)
	for k, name := range kinds {
		if name == v {
			for _, m := range f.measure {
				if m.kind == kind(k) {
					r.Fail("is there twice: remove one")
				}
			}
			f.measure = append(f.measure, measure{kind: kind(k)})
		}
	}
}

// readLabel reads a label: a value with placeholders, or a table that also
// says which values stand for themselves.
func (f *filter) readLabel(r *jsonconf.Reader, name string) {
	l := label{name: name}
	if !word(name) {
		r.Fail("must be named by 1 to 16 small letters, digits and _")
	}
	if len(f.labels) == maxLabels {
		r.Fail("is one label too many: 4 are allowed")
	}
	if r.IsString() {
		l.by = readValue(r)
	} else {
		r.Object(func(key []byte) {
			switch string(key) {
			case "value":
				l.by = readValue(r)
			case "only":
				l.only = r.Strings()
			default:
				r.Unknown("value", "only")
			}
		})
		if _, empty := l.by.Literal(); empty {
			r.FailAt("value", "is missing: what the label says, such as \"{route}\"")
		}
	}
	f.labels = append(f.labels, l)
}

func readValue(r *jsonconf.Reader) template.Template {
	t, err := template.Parse(r.String())
	if err != nil {
		r.Fail(err.Error())
	}
	if _, fixed := t.Literal(); fixed {
		r.Fail(`is the same for all streams; use a placeholder such as "{route}"`)
	}
	return t
}

func word(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9' || i == 0) && c != '_' {
			return false
		}
	}
	return len(s) > 0 && len(s) <= 16
}
