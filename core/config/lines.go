package config

// lines says on which line of a file each key stands. The TOML library knows
// but does not tell, so this is a second look at a text that it has accepted:
// it needs to find keys and skip values, not to check anything.
type lines map[string]int

// of is the line of a key, or of the nearest table around it, or 1.
func (l lines) of(key string) int {
	for ; key != ""; key = parent(key) {
		if n, ok := l[key]; ok {
			return n
		}
	}
	return 1
}

// findLines looks through a valid TOML text.
func findLines(text string) lines {
	s := &scanner{text: text, line: 1, found: lines{}, length: map[string]int{}}
	table := ""
	for s.blanks(true); s.pos < len(s.text); s.blanks(true) {
		before := s.pos
		switch {
		case s.take("[["):
			table = s.header(true)
			s.take("]]")
		case s.take("["):
			table = s.header(false)
			s.take("]")
		default:
			s.pair(table)
		}
		if s.pos == before {
			break // not TOML after all
		}
	}
	return s.found
}
