package foreign

import "encoding/binary"

// args takes binary arguments apart: little-endian numbers and runs of bytes,
// one behind the other. After the first that is missing, every further one is
// zero and ok answers false: a function reads all, then asks once.
type args struct {
	b   []byte
	bad bool
}

func (a *args) take(n uint64) []byte {
	if a.bad || n > uint64(len(a.b)) {
		a.bad = true
		return nil
	}
	b := a.b[:n:n]
	a.b = a.b[n:]
	return b
}

func (a *args) u32() uint32 {
	if b := a.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (a *args) i64() int64 {
	if b := a.take(8); b != nil {
		return int64(binary.LittleEndian.Uint64(b))
	}
	return 0
}

func (a *args) bytes(n uint32) []byte { return a.take(uint64(n)) }

// rest is all that is left.
func (a *args) rest() []byte { return a.take(uint64(len(a.b))) }

func (a *args) ok() bool { return !a.bad }

func appendU32(dst []byte, v uint32) []byte { return binary.LittleEndian.AppendUint32(dst, v) }

func appendI64(dst []byte, v int64) []byte { return binary.LittleEndian.AppendUint64(dst, uint64(v)) }

func appendBool(dst []byte, v bool) []byte {
	if v {
		return appendU32(dst, 1)
	}
	return appendU32(dst, 0)
}

// refusal is the cost of a call that was refused for its arguments, in
// nanoseconds.
const refusal = 100
