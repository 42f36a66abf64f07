package wasm

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
)

// errOutline is thrown at a module that the meter cannot have written.
var errOutline = errors.New("outlining a module: it is malformed")

// The sections an outline changes or looks for, as the binary format numbers them.
const (
	sectionCode      = 10
	sectionData      = 11
	sectionDataCount = 12
)

// outline is a metered module without its code: each function's body is a trap.
// Machine code that was compiled of the whole serves the outline as well, for
// wazero never looks at bodies once it has that. The outline is a third of the
// whole, needs next to no decoding and validating, and leaves no second copy of
// the code in memory. Run without the machine code, all it can do is trap.
func outline(module []byte) ([]byte, error) {
	const preamble = 8
	if len(module) < preamble {
		return nil, errOutline
	}
	out := append(make([]byte, 0, len(module)/2), module[:preamble]...)
	rest := module[preamble:]
	indexed := false // code names data segments
	for len(rest) > 0 {
		id := rest[0]
		n, used := binary.Uvarint(rest[1:])
		if used <= 0 || n > uint64(len(rest)-1-used) {
			return nil, errOutline
		}
		body := rest[1+used:][:n]
		rest = rest[1+used+int(n):]
		switch id {
		case sectionDataCount:
			indexed = true
		case sectionCode:
			count, used := binary.Uvarint(body)
			if used <= 0 || count > uint64(len(body)) {
				return nil, errOutline
			}
			body = binary.AppendUvarint(nil, count)
			for range count {
				body = append(body, trapBody...)
			}
		case sectionData:
			if !indexed {
				if joined, ok := joinData(body); ok {
					body = joined
				}
			}
		}
		out = binary.AppendUvarint(append(out, id), uint64(len(body)))
		out = append(out, body...)
	}
	return out, nil
}

// trapBody is a function of three bytes: no locals, unreachable, end.
var trapBody = []byte{3, 0, 0x00, 0x0b}

// The encoding of an active segment of memory 0 at a constant.
const (
	activeSegment = 0
	opI32Const    = 0x41
	opEnd         = 0x0b
)

// joinGap is up to how many zeros go between two segments that are joined.
const joinGap = 256

// segment is an active data segment.
type segment struct {
	at   int64
	data []byte
}

// joinData joins data segments that lie close together: what a fresh memory
// holds between them are zeros. Go's linker makes one of each stretch between
// a few zeros, tens of thousands, and wazero keeps some 100 bytes for each.
// It is false where they are of another kind, or overlap: then their order counts.
func joinData(section []byte) ([]byte, bool) {
	all, ok := segments(section)
	if !ok {
		return nil, false
	}
	// Go's linker does not write them in order: its last sections lie between others.
	slices.SortStableFunc(all, func(a, b segment) int { return cmp.Compare(a.at, b.at) })
	var out []byte
	count := uint64(0)
	for i := 0; i < len(all); count++ {
		start, data := all[i].at, slices.Clone(all[i].data)
		for i++; i < len(all); i++ {
			gap := all[i].at - start - int64(len(data))
			if gap < 0 {
				return nil, false
			}
			if gap > joinGap {
				break
			}
			data = append(append(data, make([]byte, gap)...), all[i].data...)
		}
		out = append(out, activeSegment, opI32Const)
		out = append(appendSigned(out, start), opEnd)
		out = append(binary.AppendUvarint(out, uint64(len(data))), data...)
	}
	return append(binary.AppendUvarint(nil, count), out...), true
}

// segments reads a data section of active segments. It is false where there are others,
// and where one begins at 2 GiB or beyond, which is written as a negative number.
func segments(section []byte) (all []segment, ok bool) {
	count, used := binary.Uvarint(section)
	if used <= 0 || count > uint64(len(section)) {
		return nil, false
	}
	all = make([]segment, 0, count)
	b := section[used:]
	for range count {
		if len(b) < 2 || b[0] != activeSegment || b[1] != opI32Const {
			return nil, false
		}
		at, n := signed(b[2:])
		if n <= 0 || at < 0 || len(b) <= 2+n || b[2+n] != opEnd {
			return nil, false
		}
		b = b[3+n:]
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return nil, false
		}
		all = append(all, segment{at, b[n:][:size]})
		b = b[n+int(size):]
	}
	return all, len(b) == 0
}

// signed reads a signed LEB128 number of 32 bits, and how long it is: 0 if it
// is none.
func signed(b []byte) (v int64, n int) {
	for shift := 0; shift < 35 && n < len(b); shift += 7 {
		c := b[n]
		n++
		v |= int64(c&0x7f) << shift
		if c < 0x80 {
			if c&0x40 != 0 {
				v -= 1 << (shift + 7)
			}
			return v, n
		}
	}
	return 0, 0
}

// appendSigned is signed's counterpart for numbers from 0 on.
func appendSigned(b []byte, v int64) []byte {
	for v >= 0x40 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}
