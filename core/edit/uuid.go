package edit

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"time"
)

// appendV7 appends a UUID of version 7 (RFC 9562, 5.7): milliseconds since
// 1970, the part of a millisecond, and 62 random bits. Ids sort by time.
func appendV7(dst []byte) []byte {
	now := time.Now().UnixNano()
	ms, part := uint64(now/1e6), uint64(now%1e6)
	return appendUUID(dst, ms<<16|7<<12|part*4096/1e6, rand.Uint64())
}

// appendV4 appends a UUID of version 4 (RFC 9562, 5.4): 122 random bits of the
// runtime's ChaCha8 generator.
func appendV4(dst []byte) []byte {
	return appendUUID(dst, rand.Uint64()&^0xf000|4<<12, rand.Uint64())
}

// appendUUID appends the 36 characters of a UUID of the variant of RFC 9562.
func appendUUID(dst []byte, high, low uint64) []byte {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], high)
	binary.BigEndian.PutUint64(b[8:], low&^(3<<62)|2<<62)
	at := len(dst)
	dst = append(dst, "00000000-0000-0000-0000-000000000000"...)
	u := dst[at:]
	hex.Encode(u[0:8], b[0:4])
	hex.Encode(u[9:13], b[4:6])
	hex.Encode(u[14:18], b[6:8])
	hex.Encode(u[19:23], b[8:10])
	hex.Encode(u[24:36], b[10:16])
	return dst
}
