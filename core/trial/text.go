package trial

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/weirproxy/weir/core/config"
)

// text is what a string must be like. All that is given holds.
type text struct {
	key      string
	set      bool
	is       *string
	contains string
	matches  *regexp.Regexp
}

// textTable is a text that is not one that must be equal.
type textTable struct {
	Is       *string `toml:"is"`
	Hex      *string `toml:"hex"`
	File     *string `toml:"file"`
	Contains string  `toml:"contains"`
	Matches  string  `toml:"matches"`
}

const textForms = "a string, { contains = \"…\" } or { matches = \"regex\" }"

// DecodeTOML reads a string or a table.
func (t *text) DecodeTOML(r *config.Reader, raw any) {
	t.key, t.set = r.Key(), true
	if s, ok := raw.(string); ok {
		t.is = &s
		return
	}
	if _, ok := raw.(map[string]any); !ok {
		r.RejectKind(raw, textForms)
		return
	}
	var table textTable
	r.Into(raw, &table)
	t.from(r, &table)
}

func (t *text) from(r *config.Reader, table *textTable) {
	t.is, t.contains = table.Is, table.Contains
	for _, b := range []struct {
		name *string
		read func(*config.Reader, string) ([]byte, bool)
	}{{table.Hex, unhex}, {table.File, content}} {
		if b.name == nil {
			continue
		}
		if t.is != nil {
			r.Reject("has two of is, hex and file; leave one out")
			return
		}
		v, _ := b.read(r, *b.name)
		s := string(v)
		t.is = &s
	}
	if table.Matches != "" {
		var err error
		if t.matches, err = regexp.Compile(table.Matches); err != nil {
			r.Reject("matches is no regular expression: %v", err)
		}
	}
	if t.is == nil && t.contains == "" && t.matches == nil {
		r.Reject("says nothing; it is %s", textForms)
	}
}

// fits says whether a string is as it must be.
func (t *text) fits(s string) bool {
	return (t.is == nil || s == *t.is) && strings.Contains(s, t.contains) && (t.matches == nil || t.matches.MatchString(s))
}

// String is the text as a report shows it.
func (t text) String() string {
	var parts []string
	if t.is != nil {
		parts = append(parts, quote(*t.is))
	}
	if t.contains != "" {
		parts = append(parts, "contains "+quote(t.contains))
	}
	if t.matches != nil {
		parts = append(parts, "matches "+strconv.Quote(t.matches.String()))
	}
	return strings.Join(parts, " and ")
}

// maxShown bounds a value in a report, in bytes.
const maxShown = 400

// quote is a value in quotes, of bounded length.
func quote(s string) string {
	if len(s) <= maxShown {
		return strconv.Quote(s)
	}
	return fmt.Sprintf("%s… (%d bytes)", strconv.Quote(s[:maxShown]), len(s))
}

// quotes are the values of a header field, one without brackets.
func quotes(list []string) string {
	switch len(list) {
	case 0:
		return "none"
	case 1:
		return quote(list[0])
	}
	quoted := make([]string, len(list))
	for i := range list {
		quoted[i] = quote(list[i])
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// namedTexts are texts by name.
type namedTexts []namedText

type namedText struct {
	name   string
	key    string
	values []text // more than one for a header field that comes more than once
}

// DecodeTOML reads a table of texts, each of which may be a list.
func (n *namedTexts) DecodeTOML(r *config.Reader, raw any) {
	if !r.Entries(raw, func(r *config.Reader, name string, raw any) {
		v := namedText{name: name, key: r.Key()}
		one := func(r *config.Reader, raw any) {
			var t text
			t.DecodeTOML(r, raw)
			v.values = append(v.values, t)
		}
		if !r.Each(raw, one) {
			one(r, raw)
		}
		*n = append(*n, v)
	}) {
		r.RejectKind(raw, "a table { name = \"value\" }")
	}
}

func (n *namedText) String() string {
	if len(n.values) == 1 {
		return n.values[0].String()
	}
	shown := make([]string, len(n.values))
	for i := range n.values {
		shown[i] = n.values[i].String()
	}
	return "[" + strings.Join(shown, ", ") + "]"
}
