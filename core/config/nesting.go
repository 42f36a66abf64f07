package config

import "strings"

// maxNesting bounds how deep arrays and tables stand in each other, and the
// segments of a dotted key. The TOML library takes memory in the square of it.
const maxNesting = 64

// nestedTooDeeply finds the line on which a text goes beyond maxNesting, or 0.
// It reads any text, so it knows no more of TOML than strings and comments.
func nestedTooDeeply(text string) (line int) {
	depth, dots := 0, 0
	line = 1
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\n':
			line++
			dots = 0
		case '#':
			n := strings.IndexByte(text[i:], '\n')
			if n < 0 {
				return 0
			}
			i += n - 1
		case '"', '\'':
			n := stringLength(text[i:])
			line += strings.Count(text[i:i+n], "\n")
			i += n - 1
		case '[', '{':
			depth++
			dots = 0
		case ']', '}':
			depth--
		case '=', ',':
			dots = 0
		case '.':
			dots++
		}
		if depth > maxNesting || dots > maxNesting {
			return line
		}
	}
	return 0
}

// stringLength is the length of the string that text begins with, with its
// quotes; one that does not end is as long as its line, or the text.
func stringLength(text string) int {
	q := text[:1]
	if strings.HasPrefix(text, strings.Repeat(q, 3)) {
		q = text[:3]
	}
	for i := len(q); i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], q):
			return i + len(q)
		case text[i] == '\\' && q[0] == '"':
			i++
		case text[i] == '\n' && len(q) == 1:
			return i
		}
	}
	return len(text)
}
