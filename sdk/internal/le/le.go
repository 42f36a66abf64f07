// Package le reads and writes little-endian numbers, as the ABI's encodings
// have them. It stands in for encoding/binary, which links package reflect
// into every guest.
package le

// AppendUint32 appends the four bytes of v.
func AppendUint32(b []byte, v uint32) []byte {
	return append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
}

// AppendUint64 appends the eight bytes of v.
func AppendUint64(b []byte, v uint64) []byte {
	return AppendUint32(AppendUint32(b, uint32(v)), uint32(v>>32))
}

// PutUint32 writes v into the first four bytes of b.
func PutUint32(b []byte, v uint32) {
	_ = b[3]
	b[0], b[1], b[2], b[3] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
}

// Uint32 is the number in the first four bytes of b, which must be there.
func Uint32(b []byte) uint32 {
	_ = b[3]
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
}

// Uint64 is the number in the first eight bytes of b, which must be there.
func Uint64(b []byte) uint64 {
	_ = b[7]
	return uint64(Uint32(b)) | uint64(Uint32(b[4:]))<<32
}
