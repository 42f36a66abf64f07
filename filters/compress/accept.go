package compress

import "github.com/weirproxy/weir/sdk/weir"

// identity is no coding at all.
const identity weir.Coding = 0

// weight is a quality value in thousandths, and one more: 0 for a coding that is
// not named.
type weight int16

const (
	unnamed weight = 0
	refused weight = 1
	full    weight = 1001
)

// accepted is what a client's Accept-Encoding says (RFC 9110, section 12.5.3).
// The zero value is that of a client that sends none.
type accepted struct {
	named [weir.Zstd + 1]weight // by coding, identity too
	rest  weight                // of "*"
}

// read adds one field's value. What is named twice counts as it is named first; a
// member whose weight is malformed is one that is refused.
func (a *accepted) read(value []byte) {
	for len(value) > 0 {
		var member []byte
		member, value = cut(value, ',')
		name, parameters := cut(member, ';')
		w := a.place(trim(name))
		if w != nil && *w == unnamed {
			*w = readWeight(parameters)
		}
	}
}

// place is where the weight of a name belongs; nil if it is none of ours.
func (a *accepted) place(name []byte) *weight {
	switch {
	case len(name) == 1 && name[0] == '*':
		return &a.rest
	case equalFold(name, "gzip"), equalFold(name, "x-gzip"):
		return &a.named[weir.Gzip]
	case equalFold(name, "br"):
		return &a.named[weir.Brotli]
	case equalFold(name, "zstd"):
		return &a.named[weir.Zstd]
	case equalFold(name, "identity"):
		return &a.named[identity]
	}
	return nil
}

// readWeight reads "q=0.5": a 0 with up to three digits behind the point, or a 1
// with zeroes there. Without it the weight is 1.
func readWeight(parameters []byte) weight {
	p := trim(parameters)
	if len(p) == 0 {
		return full
	}
	if len(p) < 3 || len(p) > 7 || p[0]|0x20 != 'q' || p[1] != '=' || p[2] != '0' && p[2] != '1' {
		return refused
	}
	digits := p[3:]
	if len(digits) > 0 && digits[0] != '.' {
		return refused
	}
	w := weight(p[2]-'0') * 1000
	for i, unit := 1, weight(100); i < len(digits); i, unit = i+1, unit/10 {
		if digits[i] < '0' || digits[i] > '9' {
			return refused
		}
		w += weight(digits[i]-'0') * unit
	}
	if w > 1000 {
		return refused
	}
	return w + refused
}

// of is the weight of a coding: its own, or else that of "*".
func (a *accepted) of(c weir.Coding) weight {
	if w := a.named[c]; w != unnamed {
		return w
	}
	return a.rest
}

// onlyIdentity says whether bodies that are not encoded are all that is asked for.
func (a *accepted) onlyIdentity() bool {
	return *a == accepted{named: [weir.Zstd + 1]weight{identity: a.named[identity]}} && a.named[identity] > refused
}

// refusesIdentity says whether the client wants no body as it is.
func (a *accepted) refusesIdentity() bool { return a.of(identity) == refused }

// choose is the coding that the client likes best, of several that it likes the same
// the first; identity if it accepts none, or likes that better.
func (a *accepted) choose(codings []weir.Coding) weir.Coding {
	best, most := identity, refused
	for _, c := range codings {
		if w := a.of(c); w > most {
			best, most = c, w
		}
	}
	if a.named[identity] > most {
		return identity
	}
	return best
}
