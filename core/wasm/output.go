package wasm

import (
	"bytes"
	"slices"
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
		text := AppendPrintable(nil, bytes.TrimSuffix(l.raw, []byte("\r")))
		if l.cut {
			text = append(text, "…"...)
		}
		out(in, stream, text)
	}
	l.raw, l.cut = l.raw[:0], false
}
