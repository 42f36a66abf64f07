// Package respond is the filter "respond": it answers requests in an upstream's
// place.
//
// Start at [New].
package respond

import (
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
)

func init() { sdk.Register("respond", New) }

// filter is one configuration.
type filter struct {
	status  int
	body    body
	headers []header

	fields []sdk.Field // of a reply; callbacks do not overlap
	values []byte      // what headers' placeholders stand for
	filled []byte      // the body, where it has placeholders

	answered, refused sdk.Counter
}

// header is a field of the reply.
type header struct {
	name  string
	value template.Template
}

// New makes the filter.
func New(r *sdk.Root) (sdk.Plugin, error) {
	f := &filter{status: 200}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.answered = sdk.NewCounter("respond_answered_total")
	f.refused = sdk.NewCounter("respond_refused_total")
	return f, nil
}

// OnRequestHeaders answers.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	f.answered.Add(1)
	f.fields, f.values = f.fields[:0], f.values[:0]
	for i := range f.headers {
		f.add(&f.headers[i], s)
	}
	r := sdk.Reply{Status: f.status, Details: "respond", Body: f.body.text}
	if f.body.fills {
		f.filled, _ = f.body.template.AppendEscaped(f.filled[:0], s, f.body.escape)
		r.Body = sdk.View(f.filled)
	}
	if r.Headers = f.fields; s.Reply(r) != nil {
		// A value that a client had a hand in cannot stand in a field.
		f.refused.Add(1)
		s.Reply(sdk.Reply{Status: 400, Details: "respond_refused", Body: "this request cannot be answered\n"})
	}
	return sdk.Pause
}

// add appends a field to the reply. One of which nothing is known is left out.
func (f *filter) add(h *header, s *sdk.Stream) {
	value, fixed := h.value.Literal()
	if !fixed {
		begin := len(f.values)
		var known bool
		if f.values, known = h.value.Append(f.values, s); !known {
			return
		}
		value = sdk.View(f.values[begin:]) // stays what it is when the buffer grows
	}
	f.fields = append(f.fields, sdk.Field{Name: h.name, Value: value})
}
