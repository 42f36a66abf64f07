package errorpage

import (
	"bytes"

	"github.com/weirproxy/weir/core/stream"
)

// Form is how an error answer is written.
type Form uint8

// The forms.
const (
	Text Form = iota
	Problem
	HTML
	numForms
)

// range of media types, as Accept has them, for a form: the better it names the
// form, the more it counts (RFC 9110, section 12.5.1).
var ranges = [numForms][]string{
	Text:    {"*/*", "text/*", "text/plain"},
	Problem: {"*/*", "application/*", "application/json", "application/problem+json"},
	HTML:    {"*/*", "text/*", "text/html"},
}

// Negotiate is the form that a client prefers by Accept. Where it likes several
// alike, one that it names wins over those that it does not, then a problem over
// a page over text; who asks for anything, or for nothing of ours, gets text.
func Negotiate(h *stream.Headers) Form {
	var weight, place [numForms]int // the place in ranges of what gave the weight, from 1
	for i := range h.Fields() {
		f := &h.Fields()[i]
		if string(f.Name) != "accept" {
			continue
		}
		for rest := f.Value; len(rest) > 0; {
			var one []byte
			one, rest, _ = bytes.Cut(rest, []byte(","))
			media, parameters, _ := bytes.Cut(one, []byte(";"))
			media = stream.TrimOWS(media)
			q := quality(parameters)
			for form := range ranges {
				for at, r := range ranges[form] {
					if at+1 > place[form] && stream.EqualFold(media, r) {
						weight[form], place[form] = q, at+1
					}
				}
			}
		}
	}
	best := Text
	for _, form := range [...]Form{HTML, Problem} {
		named := place[form] > 2
		if weight[form] > weight[best] || named && weight[form] == weight[best] && weight[form] > 0 {
			best = form
		}
	}
	return best
}

// quality is the weight of a range in thousandths; malformed ones count nothing.
func quality(parameters []byte) int {
	for len(parameters) > 0 {
		var one []byte
		one, parameters, _ = bytes.Cut(parameters, []byte(";"))
		name, value, _ := bytes.Cut(stream.TrimOWS(one), []byte("="))
		if len(name) == 1 && name[0]|0x20 == 'q' {
			return thousandths(value)
		}
	}
	return 1000
}

// thousandths reads "1", "0.5", "0.123".
func thousandths(v []byte) int {
	if len(v) == 0 || len(v) > 5 || v[0] != '0' && v[0] != '1' || len(v) > 1 && v[1] != '.' {
		return 0
	}
	n, unit := int(v[0]-'0')*1000, 100
	for _, c := range v[min(2, len(v)):] {
		if c < '0' || c > '9' {
			return 0
		}
		n, unit = n+int(c-'0')*unit, unit/10
	}
	return min(n, 1000)
}
