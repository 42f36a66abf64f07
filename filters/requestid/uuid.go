package requestid

import "math/rand/v2"

// appendV7 appends a UUID of version 7 (RFC 9562, 5.7): milliseconds since
// 1970, the part of a millisecond, and 62 random bits. Ids sort by time.
func appendV7(dst []byte, now int64) []byte {
	ms, part := uint64(now/1e6), uint64(now%1e6)
	high := ms<<16 | 7<<12 | part*4096/1e6
	return appendUUID(dst, high, rand.Uint64())
}

// appendV4 appends a UUID of version 4 (RFC 9562, 5.4): 122 random bits. They
// come from the runtime's ChaCha8 generator, which the host seeds.
func appendV4(dst []byte) []byte {
	return appendUUID(dst, rand.Uint64()&^0xf000|4<<12, rand.Uint64())
}

// appendUUID appends the 36 characters of a UUID of the variant of RFC 9562.
func appendUUID(dst []byte, high, low uint64) []byte {
	low = low&^(3<<62) | 2<<62
	at := len(dst)
	dst = append(dst, "00000000-0000-0000-0000-000000000000"...)
	u := dst[at : at+36 : at+36]
	put4(u[0:8], uint32(high>>32))
	put2(u[9:13], uint16(high>>16))
	put2(u[14:18], uint16(high))
	put2(u[19:23], uint16(low>>48))
	put2(u[24:28], uint16(low>>32))
	put4(u[28:36], uint32(low))
	return dst
}

func put4(b []byte, v uint32) {
	put2(b[4:8], uint16(v))
	put2(b[0:4], uint16(v>>16))
}

// put2 writes two bytes in hexadecimal: all four digits are made at once, one
// in each byte of a word.
func put2(b []byte, v uint16) {
	_ = b[3]
	x := uint32(v)
	x = (x&0xff00)<<8 | x&0x00ff         // 00ab00cd
	x = (x&0x00f000f0)<<4 | x&0x000f000f // 0a0b0c0d
	letters := (x + 0x06060606) >> 4 & 0x01010101
	x += 0x30303030 + letters*('a'-'0'-10)
	b[0], b[1], b[2], b[3] = byte(x>>24), byte(x>>16), byte(x>>8), byte(x)
}
