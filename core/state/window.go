package state

import (
	"math/bits"
	"time"
)

func (c *cell) window(r *Rate, cost, now int64) Decision {
	period := int64(r.Period)
	begin := now - now%period
	count, before := c.count, c.before
	switch {
	case c.expires <= now:
		count, before = 0, 0
	case c.period != period: // before a reload: all of it counts as of now
		count, before = add(count, before), 0
	case begin == c.at+period:
		count, before = 0, count
	case begin > c.at:
		count, before = 0, 0
	case begin < c.at: // a caller who read the clock before others
		begin, now = c.at, c.at
	}
	passed := now - begin
	weight := portionUp(before, period-passed, period)
	var d Decision
	if taken := weight + count; taken+cost <= r.Limit || cost == 0 {
		d.Allowed = true
		count += cost
	} else {
		d.Retry = r.wait(cost, count, before, passed)
	}
	if cost > 0 && d.Allowed {
		*c = cell{at: begin, count: count, before: before, period: period, expires: begin + 2*period}
	}
	d.Remaining = max(0, r.Limit-weight-count)
	switch {
	case count > 0:
		d.Reset = time.Duration(2*period - passed)
	case before > 0:
		d.Reset = time.Duration(period - passed)
	}
	return d
}

// wait is how long until cost fits a window of which passed has gone by.
func (r *Rate) wait(cost, count, before, passed int64) time.Duration {
	period := int64(r.Period)
	if room := r.Limit - count - cost; room >= 0 {
		return time.Duration(period - portion(period, room, before) - passed)
	}
	next := period - passed
	if room := r.Limit - cost; count > room {
		next += period - portion(period, room, count)
	}
	return time.Duration(next)
}

// portion is a*b/c rounded down, portionUp rounded up; b <= c.
func portion(a, b, c int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	q, _ := bits.Div64(hi, lo, uint64(c))
	return int64(q)
}

func portionUp(a, b, c int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	q, rem := bits.Div64(hi, lo, uint64(c))
	if rem > 0 {
		q++
	}
	return int64(q)
}
