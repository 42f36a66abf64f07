package split

import "math"

// rendezvous chooses a target for a key by weighted rendezvous hashing: each
// target scores the key by itself, the highest wins. So a changed weight moves keys
// to that target, or away from it, and none between others.
func (f *filter) rendezvous(key uint64) int {
	best, at := math.Inf(-1), 0
	for i := range f.targets {
		t := &f.targets[i]
		if t.weight == 0 {
			continue
		}
		// Uniform in (0, 1): an exponential variate of rate weight is the score.
		u := (float64(mix(key^t.seed)>>11) + 0.5) / (1 << 53)
		if score := math.Log(u) / t.weight; score > best {
			best, at = score, i
		}
	}
	return at
}

// hash is FNV-1a of b, whose bits mix spreads. It need not withstand anybody: a
// client may choose its own target where its own word is the key.
func hash(b []byte, seed uint64) uint64 {
	h := 14695981039346656037 ^ seed
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return mix(h)
}

// mix is the finalizer of SplitMix64: every bit of x changes half of all.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// random is SplitMix64: it draws lots, it makes no secrets.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	return mix(uint64(*r))
}
