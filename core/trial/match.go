package trial

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/weirproxy/weir/core/trial/rig"
)

// matcher compares messages with what they must be.
type matcher struct {
	found []difference
}

// difference is one thing that is otherwise, of a key of the file.
type difference struct{ key, expected, found string }

func (m *matcher) add(key, expected, found string) {
	m.found = append(m.found, difference{key, expected, found})
}

// text compares a string.
func (m *matcher) text(want *text, got string) {
	if want.set && !want.fits(got) {
		m.add(want.key, want.String(), quote(got))
	}
}

// message compares a message, at key.
func (m *matcher) message(key string, want *wantMessage, got *rig.Seen) {
	first := func(name string) string {
		if v := rig.All(got.Head, name); len(v) > 0 {
			return v[0]
		}
		return ""
	}
	m.text(&want.Method, first(":method"))
	m.text(&want.Path, first(":path"))
	m.text(&want.Authority, first(":authority"))
	m.text(&want.Scheme, first(":scheme"))
	if want.Status != nil && strconv.Itoa(*want.Status) != first(":status") {
		m.add(key+".status", strconv.Itoa(*want.Status), first(":status"))
	}
	m.fields(want.Headers, got.Head)
	m.absent(key+".absent", want.Absent, got.Head)
	m.exactly(key+".exactly", want.Exactly, got.Head)
	m.text(&want.Body, got.Body())
	if want.Pieces != nil && !slices.Equal(*want.Pieces, got.Pieces) {
		m.add(key+".pieces", pieceList(*want.Pieces), pieceList(got.Pieces))
	}
	m.fields(want.Trailers, got.Trailers)
	m.absent(key+".trailers_absent", want.NoTrailer, got.Trailers)
	m.exactly(key+".trailers_exactly", want.AllTrails, got.Trailers)
	if want.Ended != nil && *want.Ended != got.Ended {
		m.add(key+".ended", fmt.Sprint(*want.Ended), fmt.Sprint(got.Ended))
	}
}

// fields compares all the values of each header field.
func (m *matcher) fields(want namedTexts, got []rig.Field) {
	lower := slices.Clone(want)
	for i := range lower {
		lower[i].name = strings.ToLower(lower[i].name)
	}
	m.values(lower, got)
}

// values compares all the values of each name.
func (m *matcher) values(want namedTexts, got []rig.Field) {
	for i := range want {
		w := &want[i]
		values := rig.All(got, w.name)
		fits := len(values) == len(w.values)
		for k := 0; fits && k < len(values); k++ {
			fits = w.values[k].fits(values[k])
		}
		if !fits {
			m.add(w.key, w.String(), quotes(values))
		}
	}
}

func (m *matcher) absent(key string, names []string, got []rig.Field) {
	for i, name := range names {
		if v := rig.All(got, strings.ToLower(name)); len(v) > 0 {
			m.add(fmt.Sprintf("%s[%d]", key, i), "no "+name, quotes(v))
		}
	}
}

// exactly compares all fields and their order, but for pseudo-headers.
func (m *matcher) exactly(key string, want *fields, got []rig.Field) {
	if want == nil {
		return
	}
	var is []string
	for _, f := range got {
		if !strings.HasPrefix(f.Name, ":") {
			is = append(is, f.Name+": "+f.Value)
		}
	}
	var should []string
	for _, f := range *want {
		should = append(should, f.Name+": "+f.Value)
	}
	if !slices.Equal(is, should) {
		m.add(key, lines(should), lines(is))
	}
}

// seenCall is a call as a message.
func seenCall(c *rig.Call) *rig.Seen {
	return &rig.Seen{Head: c.Head, Pieces: []string{c.Body}, Trailers: c.Trailers, Ended: true}
}

// lines is a list with an element a line.
func lines(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	var b strings.Builder
	for _, l := range list {
		b.WriteString("\n" + quote(l))
	}
	return b.String()
}

func pieceList(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return lines(list)
}
