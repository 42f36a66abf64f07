package sdktest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"hash"

	"github.com/cespare/xxhash/v2"

	"github.com/weirproxy/weir/sdk/internal/abi"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// maker finds the SHA-2 function of an algorithm number, or nil.
func maker(algorithm uint32) func() hash.Hash {
	switch algorithm {
	case 1:
		return sha256.New
	case 2:
		return sha512.New384
	case 3:
		return sha512.New
	}
	return nil
}

// mostOnLane bounds the arguments of digests, in bytes.
const mostOnLane = 16 << 10

func digest(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	if len(a.b) > mostOnLane {
		return nil, abi.BadArgument
	}
	algorithm := a.u32()
	data := a.rest()
	if a.bad {
		return nil, abi.BadArgument
	}
	if algorithm == 1 {
		sum := sha256.Sum256(data) // without allocation
		return append(dst, sum[:]...), abi.OK
	}
	if algorithm == 4 {
		return le.AppendUint64(dst, xxhash.Sum64(data)), abi.OK
	}
	m := maker(algorithm)
	if m == nil {
		return nil, abi.BadArgument
	}
	d := m()
	d.Write(data)
	return d.Sum(dst), abi.OK
}

func keyedDigest(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	if len(a.b) > mostOnLane {
		return nil, abi.BadArgument
	}
	m := maker(a.u32())
	key := a.take(int(a.u32()))
	data := a.rest()
	if a.bad || m == nil {
		return nil, abi.BadArgument
	}
	d := hmac.New(m, key)
	d.Write(data)
	return d.Sum(dst), abi.OK
}

func random(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	n := a.u32()
	if a.bad || len(a.b) > 0 || n > 4096 {
		return nil, abi.BadArgument
	}
	dst = append(dst, make([]byte, n)...)
	rand.Read(dst)
	return dst, abi.OK
}

func constantTimeEqual(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	if len(a.b) > mostOnLane {
		return nil, abi.BadArgument
	}
	x := a.take(int(a.u32()))
	y := a.rest()
	if a.bad {
		return nil, abi.BadArgument
	}
	return appendBool(dst, subtle.ConstantTimeCompare(x, y) == 1), abi.OK
}
