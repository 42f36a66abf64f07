package jsonconf

import "strconv"

// space passes over white space.
func (r *Reader) space() {
	for r.pos < len(r.text) {
		switch r.text[r.pos] {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return
		}
	}
}

// peek is the next byte that is no blank, 0 at the end and after a mistake.
func (r *Reader) peek() byte {
	if r.err != nil {
		return 0
	}
	if r.space(); r.pos == len(r.text) {
		return 0
	}
	return r.text[r.pos]
}

// take passes over c if it comes next.
func (r *Reader) take(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.pos++
	return true
}

// syntax notes that the text is not JSON.
func (r *Reader) syntax(want string) {
	r.Fail("not valid JSON: byte ", strconv.Itoa(r.pos), " should be ", want)
}

// wrong notes that the value is of another kind than the key needs.
func (r *Reader) wrong(want string) {
	found := "a number"
	switch r.peek() {
	case '"':
		found = "a string"
	case '{':
		found = "a table"
	case '[':
		found = "a list"
	case 't', 'f':
		found = "a boolean"
	case 'n':
		found = "null"
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
	default:
		r.syntax("a value")
		return
	}
	r.Fail("must be ", want, ", not ", found)
}
