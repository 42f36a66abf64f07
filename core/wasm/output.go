package wasm

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// maxLine bounds one line of a guest's output, in bytes.
const maxLine = 4 << 10

// lineCost is what a line costs its guest beside its bytes, in fuel.
const lineCost = 500

// line is what a guest has written of a line so far.
type line struct {
	raw []byte
	cut bool // it was longer than a line may be
}

// Print takes what the guest wrote to stream 1 or 2. Lines are complete at a
// line feed, and at the end of the callback.
func (in *Instance) Print(stream int, b []byte) {
	l := &in.output[stream-1]
	for len(b) > 0 {
		end := slices.Index(b, '\n')
		part := b
		if end >= 0 {
			part, b = b[:end], b[end+1:]
		} else {
			b = nil
		}
		if room := maxLine - len(l.raw); len(part) > room {
			part, l.cut = part[:room], true
		}
		l.raw = append(l.raw, part...)
		if end >= 0 {
			in.emit(stream)
			in.Charge(lineCost)
		}
	}
}

// flush ends the lines that were begun.
func (in *Instance) flush() {
	for stream := 1; stream <= 2; stream++ {
		if len(in.output[stream-1].raw) > 0 {
			in.emit(stream)
		}
	}
}

// emit hands a line over and begins the next.
func (in *Instance) emit(stream int) {
	l := &in.output[stream-1]
	if out := in.vm.config.Output; out != nil && len(l.raw) > 0 {
		text := sanitize(l.raw)
		if l.cut {
			text = append(text, "…"...)
		}
		out(in, stream, text)
	}
	l.raw, l.cut = l.raw[:0], false
}

// sanitize is text with what could forge or garble a log replaced: control
// characters, and bytes that are not UTF-8. A carriage return at the end goes.
func sanitize(text []byte) []byte {
	if n := len(text); n > 0 && text[n-1] == '\r' {
		text = text[:n-1]
	}
	clean := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == '\t':
			clean = append(clean, '\t')
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			clean = append(clean, '?')
		default:
			clean = utf8.AppendRune(clean, r)
		}
		text = text[n:]
	}
	return clean
}
