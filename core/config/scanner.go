package config

import (
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// scanner walks through a text.
type scanner struct {
	text   string
	pos    int
	line   int
	found  lines
	length map[string]int // of the arrays of tables so far
}

// header reads a table's name and is its path.
func (s *scanner) header(array bool) string {
	path := ""
	parts := s.key()
	for i, part := range parts {
		path = within(path, part)
		s.note(path)
		if array && i == len(parts)-1 {
			s.length[path]++
		}
		if n := s.length[path]; n > 0 {
			path = element(path, n-1)
			s.note(path)
		}
	}
	return path
}

// pair reads "key = value" of the table at path.
func (s *scanner) pair(path string) {
	for _, part := range s.key() {
		path = within(path, part)
		s.note(path)
	}
	s.blanks(false)
	s.take("=")
	s.blanks(false)
	s.value(path)
}

// value passes over a value and notes the keys inside.
func (s *scanner) value(path string) {
	switch {
	case s.take("["):
		for i := 0; s.more("]"); i++ {
			s.note(element(path, i))
			s.value(element(path, i))
		}
	case s.take("{"):
		for s.more("}") {
			s.pair(path)
		}
	case s.quoted() != "":
	default:
		s.word("#,]}\r\n")
	}
}

// more goes to the next item of an array or inline table, or past its end.
func (s *scanner) more(end string) bool {
	for s.blanks(true); s.take(","); s.blanks(true) {
	}
	return s.pos < len(s.text) && !s.take(end)
}

// key reads a dotted key.
func (s *scanner) key() []string {
	var parts []string
	for s.pos < len(s.text) {
		s.blanks(false)
		if q := s.quoted(); q != "" {
			parts = append(parts, unquote(q))
		} else {
			parts = append(parts, s.word(" \t.=]\r\n"))
		}
		s.blanks(false)
		if !s.take(".") {
			break
		}
	}
	return parts
}

// quoted passes over a string and is its text with the quotes, or "".
func (s *scanner) quoted() string {
	for _, q := range []string{`"""`, `'''`, `"`, `'`} {
		if !strings.HasPrefix(s.text[s.pos:], q) {
			continue
		}
		end := s.pos + len(q)
		for end < len(s.text) && !strings.HasPrefix(s.text[end:], q) {
			if q[0] == '"' && s.text[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end+len(q), len(s.text))
		for len(q) == 3 && end < len(s.text) && s.text[end] == q[0] {
			end++ // quotes of the content just before the closing ones
		}
		return s.skip(end - s.pos)
	}
	return ""
}

// word reads up to one of the stop bytes.
func (s *scanner) word(stop string) string {
	n := strings.IndexAny(s.text[s.pos:], stop)
	if n < 0 {
		n = len(s.text) - s.pos
	}
	return s.skip(n)
}

// blanks passes over blanks, and over line ends and comments too if asked.
func (s *scanner) blanks(newlines bool) {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == ' ' || c == '\t' || newlines && (c == '\r' || c == '\n'):
			s.skip(1)
		case c == '#' && newlines:
			s.word("\n")
		default:
			return
		}
	}
}

// take passes over a token if it comes next.
func (s *scanner) take(token string) bool {
	if !strings.HasPrefix(s.text[s.pos:], token) {
		return false
	}
	s.pos += len(token)
	return true
}

// skip passes over n bytes and counts their lines.
func (s *scanner) skip(n int) string {
	t := s.text[s.pos : s.pos+n]
	s.pos += n
	s.line += strings.Count(t, "\n")
	return t
}

// note keeps the first line a key is seen on.
func (s *scanner) note(path string) {
	if _, ok := s.found[path]; !ok {
		s.found[path] = s.line
	}
}

// unquote is the text of a quoted key.
func unquote(q string) string {
	if u, err := strconv.Unquote(q); err == nil && q[0] == '"' {
		return u
	}
	var t map[string]any
	if _, err := toml.Decode("k="+q, &t); err == nil {
		if u, ok := t["k"].(string); ok {
			return u
		}
	}
	return q
}
