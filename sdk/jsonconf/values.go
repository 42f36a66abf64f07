package jsonconf

import "strconv"

// String reads a string.
func (r *Reader) String() string {
	if r.peek() != '"' {
		r.wrong("a string")
		return ""
	}
	return string(r.quoted())
}

// OneOf reads a string that must be one of choices.
func (r *Reader) OneOf(choices ...string) string {
	if r.peek() != '"' {
		r.wrong("a string")
		return ""
	}
	v := r.quoted()
	for _, c := range choices {
		if string(v) == c {
			return c
		}
	}
	r.Fail(Quote(string(v)), " is not known", Suggest(string(v), choices))
	return ""
}

// Bool reads true or false.
func (r *Reader) Bool() bool {
	switch {
	case r.word("true"):
		return true
	case r.word("false"):
		return false
	}
	r.wrong("true or false")
	return false
}

// word passes over w if it comes next.
func (r *Reader) word(w string) bool {
	if r.peek() != w[0] || len(r.text)-r.pos < len(w) || string(r.text[r.pos:r.pos+len(w)]) != w {
		return false
	}
	r.pos += len(w)
	return true
}

// Int reads a whole number from low to high.
func (r *Reader) Int(low, high int64) int64 {
	text, ok := r.number("a whole number")
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < low || n > high {
		r.Fail("must be a whole number from ", strconv.FormatInt(low, 10), " to ", strconv.FormatInt(high, 10), ", not ", text)
		return 0
	}
	return n
}

// Float reads a number from low to high.
func (r *Reader) Float(low, high float64) float64 {
	text, ok := r.number("a number")
	if !ok {
		return 0
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n < low || n > high {
		r.Fail("must be a number from ", strconv.FormatFloat(low, 'g', -1, 64), " to ", strconv.FormatFloat(high, 'g', -1, 64), ", not ", text)
		return 0
	}
	return n
}

// number passes over a number of JSON's grammar.
func (r *Reader) number(want string) (text string, ok bool) {
	c := r.peek()
	if c != '-' && (c < '0' || c > '9') {
		r.wrong(want)
		return "", false
	}
	start := r.pos
	if c == '-' {
		r.pos++
	}
	if zero := r.pos; r.digits() == 0 || r.text[zero] == '0' && r.pos > zero+1 {
		r.syntax("a digit, and no other behind a leading 0")
		return "", false
	}
	if r.pos < len(r.text) && r.text[r.pos] == '.' {
		r.pos++
		if r.digits() == 0 {
			r.syntax("a digit")
			return "", false
		}
	}
	if r.pos < len(r.text) && r.text[r.pos]|0x20 == 'e' {
		r.pos++
		if r.pos < len(r.text) && (r.text[r.pos] == '+' || r.text[r.pos] == '-') {
			r.pos++
		}
		if r.digits() == 0 {
			r.syntax("a digit")
			return "", false
		}
	}
	return string(r.text[start:r.pos]), true
}

// digits passes over digits and says how many.
func (r *Reader) digits() int {
	start := r.pos
	for r.pos < len(r.text) && r.text[r.pos] >= '0' && r.text[r.pos] <= '9' {
		r.pos++
	}
	return r.pos - start
}

// IsList says whether the value is a list, IsString whether it is a string:
// for keys that take more than one kind.
func (r *Reader) IsList() bool { return r.peek() == '[' }

// IsString says whether the value is a string.
func (r *Reader) IsString() bool { return r.peek() == '"' }

// IsBool says whether the value is true or false.
func (r *Reader) IsBool() bool { c := r.peek(); return c == 't' || c == 'f' }

// Strings reads a list of strings.
func (r *Reader) Strings() []string {
	var list []string
	r.List(func(int) { list = append(list, r.String()) })
	return list
}
