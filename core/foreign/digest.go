package foreign

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"hash"

	"github.com/cespare/xxhash/v2"
)

// onLane bounds the arguments of a digest that is made on the lane, in bytes:
// about 50 us where the processor has no instructions for it.
const onLane = 16 << 10

// digestFunctions are hashes and what goes with them.
var digestFunctions = []Function{
	{Name: "weir.hash", Run: within(onLane, hashBytes)},
	{Name: "weir.hmac", Run: within(onLane, hmacBytes)},
	{Name: "weir.random", Run: random},
	{Name: "weir.constant_time_equal", Run: within(onLane, constantTimeEqual)},
	{Name: "weir.async.hash", Async: true, Run: within(maxArguments, hashBytes)},
	{Name: "weir.async.hmac", Async: true, Run: within(maxArguments, hmacBytes)},
}

// The algorithms of hash and hmac. Values are part of the encoding.
const (
	algorithmSHA256   = 1
	algorithmSHA384   = 2
	algorithmSHA512   = 3
	algorithmXXHash64 = 4 // not for hmac
)

// hashBytes: algorithm u32, data → digest; xxhash64 as u64.
func hashBytes(_ Call, dst, b []byte) ([]byte, int64, Status) {
	a := args{b: b}
	algorithm := a.u32()
	data := a.rest()
	if !a.ok() {
		return dst, refusal, BadArgument
	}
	cost := digestCost(len(data))
	switch algorithm {
	case algorithmSHA256:
		sum := sha256.Sum256(data)
		return append(dst, sum[:]...), cost, OK
	case algorithmSHA384:
		sum := sha512.Sum384(data)
		return append(dst, sum[:]...), cost, OK
	case algorithmSHA512:
		sum := sha512.Sum512(data)
		return append(dst, sum[:]...), cost, OK
	case algorithmXXHash64:
		return binary.LittleEndian.AppendUint64(dst, xxhash.Sum64(data)), 50 + int64(len(data))/8, OK
	}
	return dst, refusal, BadArgument
}

// hmacBytes: algorithm u32, key length u32, key, data → code.
func hmacBytes(_ Call, dst, b []byte) ([]byte, int64, Status) {
	a := args{b: b}
	algorithm := a.u32()
	key := a.bytes(a.u32())
	data := a.rest()
	if !a.ok() {
		return dst, refusal, BadArgument
	}
	var inner func() hash.Hash
	switch algorithm {
	case algorithmSHA256:
		inner = sha256.New
	case algorithmSHA384:
		inner = sha512.New384
	case algorithmSHA512:
		inner = sha512.New
	default:
		return dst, refusal, BadArgument
	}
	h := hmac.New(inner, key)
	h.Write(data)
	return h.Sum(dst), 400 + digestCost(len(key)+len(data)), OK
}

// random: count u32, at most 4096 → as many bytes, fit for keys.
func random(_ Call, dst, b []byte) ([]byte, int64, Status) {
	const most = 4096
	a := args{b: b}
	n := a.u32()
	if !a.ok() || len(a.b) > 0 || n > most {
		return dst, refusal, BadArgument
	}
	at := len(dst)
	dst = append(dst, make([]byte, n)...)
	rand.Read(dst[at:]) // never fails
	return dst, 60 + 2*int64(n), OK
}

// constantTimeEqual: length u32, so many bytes, and others → equal u32. Only
// whether the lengths differ shows in its time.
func constantTimeEqual(_ Call, dst, b []byte) ([]byte, int64, Status) {
	a := args{b: b}
	x := a.bytes(a.u32())
	y := a.rest()
	if !a.ok() {
		return dst, refusal, BadArgument
	}
	return appendBool(dst, subtle.ConstantTimeCompare(x, y) == 1), 20 + int64(len(b))/2, OK
}

// digestCost is for n bytes, in nanoseconds: 2 ns a byte lie between
// processors with instructions for it and those without.
func digestCost(n int) int64 { return 200 + 2*int64(n) }
