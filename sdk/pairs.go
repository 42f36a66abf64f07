package sdk

import "github.com/weirproxy/weir/sdk/internal/le"

// Field is one header field.
type Field struct {
	Name, Value string
}

// appendPairs appends the ABI's serialised form: the count, the lengths of
// each name and value, then the bytes of each with a NUL behind them.
func appendPairs(dst []byte, fields []Field) []byte {
	dst = le.AppendUint32(dst, uint32(len(fields)))
	for i := range fields {
		dst = le.AppendUint32(dst, uint32(len(fields[i].Name)))
		dst = le.AppendUint32(dst, uint32(len(fields[i].Value)))
	}
	for i := range fields {
		dst = append(dst, fields[i].Name...)
		dst = append(dst, 0)
		dst = append(dst, fields[i].Value...)
		dst = append(dst, 0)
	}
	return dst
}

// pairsReader goes over the serialised form. It stops at the first pair that
// does not fit the bytes that are there.
type pairsReader struct {
	lengths, data []byte
	name, value   []byte
}

func newPairsReader(b []byte) pairsReader {
	if len(b) < 4 {
		return pairsReader{}
	}
	n := uint64(le.Uint32(b))
	b = b[4:]
	if n*8 > uint64(len(b)) {
		return pairsReader{}
	}
	return pairsReader{lengths: b[:n*8], data: b[n*8:]}
}

func (r *pairsReader) next() bool {
	if len(r.lengths) == 0 {
		return false
	}
	n := uint64(le.Uint32(r.lengths))
	v := uint64(le.Uint32(r.lengths[4:]))
	if n+v+2 > uint64(len(r.data)) {
		return false
	}
	r.lengths = r.lengths[8:]
	r.name = r.data[:n:n]
	r.value = r.data[n+1 : n+1+v : n+1+v]
	r.data = r.data[n+v+2:]
	return true
}
