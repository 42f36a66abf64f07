package fault

// share is a part of all requests, in 2^-32ths: 2^32 is all of them.
type share uint64

// percent is a share of so many percent.
func percent(p float64) share { return share(p / 100 * (1 << 32)) }

// dice are random numbers that are good enough for this, and cost no call of the
// host: a generator of 64 bits (xorshift).
type dice uint64

func seeded(seed []byte) dice {
	d := dice(1)
	for _, b := range seed {
		d = d<<8 | dice(b)
	}
	if d == 0 {
		d = 1
	}
	return d
}

// hit says whether one request is of the share.
func (d *dice) hit(s share) bool {
	*d ^= *d << 13
	*d ^= *d >> 7
	*d ^= *d << 17
	return share(*d>>32) < s
}
