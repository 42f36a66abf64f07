package main

import "bytes"

// rule is what is replaced by what.
type rule struct{ from, to []byte }

// replace appends text to out, each old word replaced. It leaves a rest of text
// that may be the begin of an old word; nothing longer is ever left.
func (r rule) replace(out, text []byte) (_, rest []byte) {
	for {
		at := bytes.Index(text, r.from)
		if at < 0 {
			break
		}
		out = append(append(out, text[:at]...), r.to...)
		text = text[at+len(r.from):]
	}
	end := len(text) - r.begun(text)
	return append(out, text[:end]...), text[end:]
}

// begun is how many bytes at the end of text are the begin of an old word.
func (r rule) begun(text []byte) int {
	for n := min(len(text), len(r.from)-1); n > 0; n-- {
		if bytes.HasSuffix(text, r.from[:n]) {
			return n
		}
	}
	return 0
}
