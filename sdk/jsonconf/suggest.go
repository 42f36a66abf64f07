package jsonconf

// Suggest is the end of a message about an unknown name: what was meant, if
// one of the known ones is near, or else all of them.
func Suggest(name string, known []string) string {
	best, nearest := "", len(name)/3+2
	for _, k := range known {
		if d := distance(name, k); d < nearest {
			best, nearest = k, d
		}
	}
	if best != "" {
		return "; did you mean " + Quote(best) + "?"
	}
	if len(known) == 0 {
		return "; remove it"
	}
	list := ""
	for i, k := range known {
		if i > 0 {
			list += ", "
		}
		list += Quote(k)
	}
	return "; use one of " + list
}

// distance is how many letters must be changed, added, removed or swapped with
// their neighbour to make b of a. Long names are not worth the work.
func distance(a, b string) int {
	const longest = 40
	if len(a) > longest || len(b) > longest {
		return longest
	}
	var rows [3][longest + 1]int
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		this, above, two := &rows[i%3], &rows[(i+2)%3], &rows[(i+1)%3]
		this[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			this[j] = min(above[j]+1, this[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				this[j] = min(this[j], two[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}

// Quote puts name in quotes for a message, control characters made visible.
func Quote(name string) string {
	b := make([]byte, 0, len(name)+2)
	b = append(b, '"')
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ' || c == 0x7f:
			b = append(b, '?')
		default:
			b = append(b, c)
		}
	}
	return string(append(b, '"'))
}
