package state

import (
	"math/bits"
	"time"
)

func (c *cell) bucket(r *Rate, cost, now int64) Decision {
	at, part := c.at, c.part
	if at < now {
		at, part = now, 0
	} else if part >= r.Limit { // of a higher limit, before a reload
		at, part = at+1, 0
	}
	size, sizePart := r.span(r.Burst)
	need, needPart := r.span(cost)
	edge := now + size // full at this moment at the latest: (edge, sizePart)
	next, nextPart := at+need, part+needPart
	if nextPart >= r.Limit {
		next, nextPart = next+1, nextPart-r.Limit
	}
	var d Decision
	if next < edge || next == edge && nextPart <= sizePart || cost == 0 {
		d.Allowed = true
		if cost > 0 {
			at, part = next, nextPart
			c.at, c.part, c.expires = at, part, at
			if part > 0 {
				c.expires++
			}
		}
	} else {
		d.Retry = time.Duration(next - edge)
		if nextPart > sizePart {
			d.Retry++
		}
	}
	d.Remaining = r.units(edge-at, sizePart-part)
	d.Reset = time.Duration(at - now)
	if part > 0 {
		d.Reset++
	}
	return d
}

// span is how long n units take to come back: whole nanoseconds and 1/limit
// parts of one.
func (r *Rate) span(n int64) (whole, part int64) {
	hi, lo := bits.Mul64(uint64(n), uint64(r.Period))
	q, rem := bits.Div64(hi, lo, uint64(r.Limit))
	return int64(q), int64(rem)
}

// units is span's inverse, rounded down.
func (r *Rate) units(whole, part int64) int64 {
	if part < 0 {
		whole, part = whole-1, part+r.Limit
	}
	if whole < 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(whole), uint64(r.Limit))
	lo, carry := bits.Add64(lo, uint64(part), 0)
	q, _ := bits.Div64(hi+carry, lo, uint64(r.Period))
	return int64(q)
}
