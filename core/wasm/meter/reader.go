package meter

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// reader decodes a part of a module. The first error stays: later reads
// return zeros, so that a caller may look once behind several reads.
type reader struct {
	b    []byte
	i    int
	base int // offset of b in the module, for errors
	err  error
}

func (r *reader) left() int   { return len(r.b) - r.i }
func (r *reader) offset() int { return r.base + r.i }

func (r *reader) failf(format string, a ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%s at offset %#x", fmt.Sprintf(format, a...), r.offset())
	}
}

func (r *reader) u8() byte {
	if r.err != nil {
		return 0
	}
	if r.i >= len(r.b) {
		r.failf("unexpected end")
		return 0
	}
	r.i++
	return r.b[r.i-1]
}

// bytes returns the next n bytes without copying them.
func (r *reader) bytes(n uint32) []byte {
	if r.err != nil {
		return nil
	}
	if uint64(n) > uint64(r.left()) {
		r.failf("%d bytes announced where %d are left", n, r.left())
		return nil
	}
	b := r.b[r.i : r.i+int(n) : r.i+int(n)]
	r.i += int(n)
	return b
}

// u32 decodes an unsigned LEB128 of at most five bytes.
func (r *reader) u32() uint32 {
	if r.err == nil && r.i < len(r.b) && r.b[r.i] < 0x80 {
		r.i++
		return uint32(r.b[r.i-1])
	}
	var v uint32
	for shift := 0; ; shift += 7 {
		c := r.u8()
		if r.err != nil {
			return 0
		}
		if shift == 28 && c > 0x0f {
			r.failf("number beyond 32 bits")
			return 0
		}
		v |= uint32(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
}

// signed decodes a signed LEB128 of the given width in bits.
func (r *reader) signed(bits int) int64 {
	var v int64
	for shift := 0; ; {
		c := r.u8()
		if r.err != nil {
			return 0
		}
		if rest := bits - shift; rest < 7 {
			// The unused bits repeat the sign.
			top := int8(c<<1) >> 1 >> (rest - 1)
			if c >= 0x80 || (top != 0 && top != -1) {
				r.failf("number beyond %d bits", bits)
				return 0
			}
		}
		v |= int64(c&0x7f) << shift
		if shift += 7; c < 0x80 {
			if shift < 64 && c&0x40 != 0 {
				v |= -1 << shift
			}
			return v
		}
	}
}

func (r *reader) name() string {
	b := r.bytes(r.u32())
	if r.err == nil && !utf8.Valid(b) {
		r.failf("name %q is not UTF-8", b)
	}
	return string(b)
}

// count reads the length of a vector. Each element takes at least one byte,
// so that a vector can never make us allocate more than the module's size
// allows.
func (r *reader) count(what string, limit int) int {
	n := r.u32()
	if r.err == nil && uint64(n) > uint64(r.left()) {
		r.failf("%d %s announced where %d bytes are left", n, what, r.left())
	}
	if r.err == nil && uint64(n) > uint64(limit) {
		r.failf("%d %s, more than the %d allowed", n, what, limit)
	}
	if r.err != nil {
		return 0
	}
	return int(n)
}

func appendU32(b []byte, v uint32) []byte { return binary.AppendUvarint(b, uint64(v)) }

func appendS64(b []byte, v int64) []byte {
	for {
		c := byte(v & 0x7f)
		v >>= 7
		if (v == 0 && c&0x40 == 0) || (v == -1 && c&0x40 != 0) {
			return append(b, c)
		}
		b = append(b, c|0x80)
	}
}

func appendName(b []byte, s string) []byte {
	return append(appendU32(b, uint32(len(s))), s...)
}

func appendSection(b []byte, id byte, body []byte) []byte {
	b = appendU32(append(b, id), uint32(len(body)))
	return append(b, body...)
}
