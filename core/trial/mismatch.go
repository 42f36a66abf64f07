package trial

import (
	"fmt"
	"strings"
)

// Mismatch is one thing that is not as the case wants it: what was expected
// and what was, or a message.
type Mismatch struct {
	Line            int // of the file
	Key             string
	Expected, Found string
	Message         string
}

// String is the mismatch in one line.
func (m *Mismatch) String() string {
	if m.Message != "" {
		return m.Message
	}
	return strings.Join(strings.Fields(fmt.Sprintf("%s: expected %s, was %s", m.Key, m.Expected, m.Found)), " ")
}

// add notes one of a key of the file.
func (t *try) add(key, expected, found, message string) {
	t.found = append(t.found, Mismatch{t.suite.doc.Line(key), t.suite.short(key, t.c), expected, found, message})
}

// short is a key within its case.
func (s *Suite) short(key string, c *Case) string {
	if rest, ok := strings.CutPrefix(key, c.key); ok {
		return strings.TrimPrefix(rest, ".")
	}
	return key
}
