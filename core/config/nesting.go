package config

// maxDepth bounds arrays and tables within each other, and the parts of a key.
const maxDepth = 100

// tooDeep is the line on which a text nests deeper than that, 0 where none
// does. The TOML library goes down a call for each level: a text of brackets
// alone would overflow the stack, which ends the process.
func tooDeep(text string) (line int) {
	s := &scanner{text: text, line: 1}
	open, dots := 0, 0
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case '[', '{':
			open++
		case ']', '}':
			open = max(open-1, 0)
		case '.':
			dots++
		case '=', ',':
			dots = 0
		case '\n':
			dots = 0
			s.line++
		case '#':
			s.word("\n")
			continue
		case '"', '\'':
			s.quoted()
			continue
		}
		if open > maxDepth || dots >= maxDepth {
			return s.line
		}
		s.pos++
	}
	return 0
}
