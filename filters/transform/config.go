package transform

import (
	"strconv"
	"strings"

	"github.com/weirproxy/weir/filters/internal/escape"
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

// rules are what becomes of the bodies of one direction.
type rules struct {
	edits     weir.JSONEdits
	templates []template.Template // of values that are text
	fixed     [][]byte            // values that are not; nil for text
	values    [][]byte            // of the stream at hand; callbacks do not overlap
	filled    []byte
}

// fill makes the values for a stream.
func (r *rules) fill(s *sdk.Stream) {
	r.filled = r.filled[:0]
	for i := range r.fixed {
		if r.fixed[i] != nil {
			r.values[i] = r.fixed[i]
			continue
		}
		begin := len(r.filled)
		r.filled = append(r.filled, '"')
		r.filled, _ = r.templates[i].AppendEscaped(r.filled, s, escape.JSON)
		r.filled = append(r.filled, '"')
		r.values[i] = r.filled[begin:] // stays what it is when the buffer grows
	}
}

// read reads the configuration.
func (f *filter) read(text []byte) error {
	r := jsonconf.New(text)
	r.Object(func(key []byte) {
		switch string(key) {
		case "request":
			f.request.read(r, false)
		case "response":
			f.response.read(r, true)
		case "max_size":
			f.maxSize = int(r.Size(1, 1<<20))
		case "on_malformed":
			f.pass = r.OneOf("refuse", "pass") == "pass"
		default:
			r.Unknown("request", "response", "max_size", "on_malformed")
		}
	})
	if !f.request.edits.Any() && !f.response.edits.Any() {
		r.Fail(`changes nothing; give it a "request" or a "response"`)
	}
	return r.Err()
}

func (x *rules) read(r *jsonconf.Reader, hasResponse bool) {
	r.Object(func(key []byte) {
		switch string(key) {
		case "pick":
			r.List(func(int) { x.edits.Pick(path(r, r.String())) })
		case "remove":
			r.List(func(int) { x.edits.Remove(path(r, r.String())) })
		case "rename":
			r.Object(func(from []byte) {
				to := r.String()
				if to == "" && !r.Failed() {
					r.Fail("is an empty name")
				}
				x.edits.Rename(path(r, string(from)), to)
			})
		case "set":
			r.Object(func(name []byte) {
				x.edits.Set(path(r, string(name)))
				x.readValue(r, hasResponse)
			})
		default:
			r.Unknown("pick", "remove", "rename", "set")
		}
	})
	x.values = make([][]byte, len(x.fixed))
	if r.Failed() || !x.edits.Any() {
		return
	}
	for i := range x.values {
		x.values[i] = []byte("0")
	}
	switch _, err := x.edits.Edit([]byte("{}"), x.values); err {
	case nil:
	case sdk.ErrNotFound:
		r.Fail("needs weir.json_edit, which only Weir has")
	default:
		r.Fail("has changes that do not go together: at most 64, each member set or renamed once, and no two that get one name")
	}
}

// path makes "a.b" what the host takes.
func path(r *jsonconf.Reader, dotted string) string {
	for _, name := range strings.Split(dotted, ".") {
		if name == "" && !r.Failed() {
			r.Fail(jsonconf.Quote(dotted), " is no path: names of members parted by dots")
		}
	}
	return strings.ReplaceAll(dotted, ".", "\x00")
}

// readValue reads a text with placeholders, a whole number or a truth.
func (x *rules) readValue(r *jsonconf.Reader, hasResponse bool) {
	var t template.Template
	var fixed []byte
	switch {
	case r.IsString():
		var err error
		if t, err = template.ParseText(r.String()); err != nil {
			r.Fail(err.Error())
		} else if t.NeedsResponse() && !hasResponse {
			r.Fail("the response is not known yet when the request is changed")
		}
		if text, ok := t.Literal(); ok {
			fixed = append(escape.JSON([]byte{'"'}, []byte(text)), '"')
		}
	case r.IsBool():
		fixed = strconv.AppendBool(nil, r.Bool())
	default:
		fixed = strconv.AppendInt(nil, r.Int(-1<<53, 1<<53), 10)
	}
	x.templates, x.fixed = append(x.templates, t), append(x.fixed, fixed)
}
