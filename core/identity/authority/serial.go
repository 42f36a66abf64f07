package authority

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/binary"
	"math/big"
	"time"
)

// A serial number is when it was given, in milliseconds, of 48 bits, and 80 random ones:
// a certificate begins ahead of time, so that nothing else tells when it was issued.
const (
	serialBytes = 16
	timeBytes   = 6
)

func serial(now time.Time) *big.Int {
	var b [serialBytes]byte
	binary.BigEndian.PutUint64(b[:], uint64(now.UnixMilli())<<16)
	_, _ = rand.Read(b[timeBytes:]) // it never fails
	return new(big.Int).SetBytes(b[:])
}

// issued is when a certificate of ours was signed, in whole milliseconds. One whose
// serial number does not tell counts from its beginning.
func issued(c *x509.Certificate) time.Time {
	if c.SerialNumber.Sign() > 0 && c.SerialNumber.BitLen() <= 8*serialBytes {
		var b [serialBytes]byte
		at := time.UnixMilli(int64(binary.BigEndian.Uint64(c.SerialNumber.FillBytes(b[:])) >> 16))
		if !at.Before(c.NotBefore) && at.Before(c.NotAfter) {
			return at
		}
	}
	return c.NotBefore
}
