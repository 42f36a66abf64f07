package route

import "bytes"

// parameter says whether a query meets the condition. A query is read as
// forms write it (the URL standard's application/x-www-form-urlencoded):
// parameters apart by "&" alone, "+" for a blank. A parameter with a malformed
// escape in its name has no name that could be asked for; one with a
// malformed escape in its value is present, and equals nothing.
func (c *condition) parameter(query []byte, scratch *[]byte) bool {
	for more := len(query) > 0; more; {
		var pair []byte
		pair, query, more = bytes.Cut(query, ampersand)
		name, value, _ := bytes.Cut(pair, equals)
		if !decodesTo(name, c.name) {
			continue
		}
		switch c.test {
		case testAbsent:
			return false
		case testEqual:
			if decodesTo(value, c.source) {
				return true
			}
		case testPresent:
			return true
		case testRegex:
			if decoded, ok := decode(value, scratch); ok && c.regex.Match(decoded) {
				return true
			}
		}
	}
	return c.test == testAbsent
}

var (
	ampersand = []byte("&")
	equals    = []byte("=")
)

// decodesTo compares what raw decodes to with text.
func decodesTo(raw []byte, text string) bool {
	for len(raw) > 0 {
		c, size := formByte(raw)
		if size == 0 || text == "" || text[0] != c {
			return false
		}
		raw, text = raw[size:], text[1:]
	}
	return text == ""
}

// decode decodes raw into scratch, or gives raw itself when it is plain.
func decode(raw []byte, scratch *[]byte) (decoded []byte, ok bool) {
	if bytes.IndexByte(raw, '%') < 0 && bytes.IndexByte(raw, '+') < 0 {
		return raw, true
	}
	b := (*scratch)[:0]
	for len(raw) > 0 {
		c, size := formByte(raw)
		if size == 0 {
			return nil, false
		}
		b, raw = append(b, c), raw[size:]
	}
	*scratch = b
	return b, true
}

// formByte is the first decoded byte of raw and how many bytes spell it, or
// 0 when the escape is malformed.
func formByte(raw []byte) (c byte, size int) {
	switch raw[0] {
	case '+':
		return ' ', 1
	case '%':
		c, err := unescape(raw)
		if err != nil {
			return 0, 0
		}
		return c, 3
	}
	return raw[0], 1
}
