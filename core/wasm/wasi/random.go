package wasi

import "crypto/rand"

// maxRandom is the most that is given at once, in bytes.
const maxRandom = 64 << 10

// randomGet fills memory with bytes fit for keys.
func randomGet(g Guest, a []uint64) errno {
	n := uint32(a[1])
	if n > maxRandom {
		return inval
	}
	b, within := g.Read(uint32(a[0]), n)
	if !within {
		return fault
	}
	g.Charge(500 + 2*int64(n))
	rand.Read(b) // it ends the process rather than fail
	return ok
}
