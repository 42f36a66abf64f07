package explain

import (
	"strings"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// view is the stream as a watched filter sees it: what it says of itself is
// translated, and what it asks for is noted.
type view struct {
	filter.Stream
	part *part
}

// Body and its sisters translate the part.
func (v view) Body(_ filter.Part, d filter.Direction) *stream.Buffer { return v.Stream.Body(v.part, d) }

// AddBody see above.
func (v view) AddBody(_ filter.Part, d filter.Direction) *stream.Buffer {
	return v.Stream.AddBody(v.part, d)
}

// Recode see above; the body is another from there on.
func (v view) Recode(_ filter.Part, c filter.Coder) bool {
	ok := v.Stream.Recode(v.part, c)
	if ok {
		v.changed(Change{Of: "response", What: "body", Did: "set", To: "another coding"})
	}
	return ok
}

// TraceOf see above.
func (v view) TraceOf(filter.Part) stream.TraceContext { return v.Stream.TraceOf(v.part) }

// Fail see above.
func (v view) Fail(_ filter.Part, err error) { v.Stream.Fail(v.part, err) }

// Resume see above.
func (v view) Resume(_ filter.Part, d filter.Direction) {
	v.part.seat.rec.note(func(s *Step) {
		if s.Verdict == "continue" {
			s.Verdict = "resume"
		}
	})
	v.Stream.Resume(v.part, d)
}

// Reply is noted with what it says.
func (v view) Reply(r filter.Reply) error {
	err := v.Stream.Reply(r)
	m := v.part.seat.rec.masks
	v.part.seat.rec.note(func(s *Step) {
		if err != nil || s.Reply != nil {
			return
		}
		s.Verdict, s.Reply = "reply", &Reply{Status: r.Status, Details: m.text(strings.Clone(r.Details)), Fields: []Field{}, Body: m.text(excerpt(r.Body))}
		if r.Headers != nil {
			s.Reply.Fields = m.fields(listed(r.Headers))
		}
	})
	return err
}

// Reset is noted.
func (v view) Reset() {
	v.part.seat.rec.note(func(s *Step) { s.Verdict = "reset" })
	v.Stream.Reset()
}

// TryHold begins a step: an answer or a timer comes to the filter.
func (v view) TryHold() bool {
	if !v.Stream.TryHold() {
		return false
	}
	v.part.before = v.part.seat.rec.begin(v.part.seat, v.Stream, "answer or timer")
	return true
}

// Release ends it.
func (v view) Release() {
	v.part.seat.rec.end(v.part.seat, v.Stream, v.part.before, true)
	v.Stream.Release()
}

// ClearRoute is noted.
func (v view) ClearRoute() {
	v.changed(Change{Of: "stream", What: "route", Did: "set", To: "matched again"})
	v.Stream.ClearRoute()
}

// SetCluster is noted.
func (v view) SetCluster(name string) bool {
	from := v.Info().Cluster
	if from == name {
		from = ""
	}
	ok := v.Stream.SetCluster(name)
	if ok {
		v.changed(Change{Of: "stream", What: "cluster", Did: "set", From: from, To: strings.Clone(name)})
	}
	return ok
}

// SetProperty is noted.
func (v view) SetProperty(path string, value []byte) {
	// A guest's text is in its memory, which changes and goes.
	name, m := strings.ReplaceAll(strings.Clone(path), "\x00", "."), v.part.seat.rec.masks
	from := m.value(name, excerpt(v.Property(path)))
	v.Stream.SetProperty(path, value)
	v.changed(Change{Of: "stream", What: "property", Name: name, Did: "set", From: from, To: m.value(name, excerpt(value))})
}

func (v view) changed(c Change) {
	v.part.seat.rec.note(func(s *Step) { s.Changes = append(s.Changes, c) })
}

// maxExcerpt bounds what is shown of bytes, in bytes.
const maxExcerpt = 256

// excerpt is the beginning of bytes as text.
func excerpt(b []byte) string {
	more := ""
	if len(b) > maxExcerpt {
		b, more = b[:maxExcerpt], "…"
	}
	return strings.ToValidUTF8(string(b), "\ufffd") + more
}
