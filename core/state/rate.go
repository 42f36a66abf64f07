package state

import (
	"math"
	"math/bits"
	"time"
)

// Algorithm is a way to hold a rate.
type Algorithm uint32

// The algorithms. Values are part of the foreign function's encoding.
const (
	// TokenBucket fills evenly and lets a burst through when it is full. It is
	// kept as one moment, the time at which it is full again (GCRA).
	TokenBucket Algorithm = 0
	// SlidingWindow counts in fixed windows and adds the part of the last one
	// that the sliding window still covers.
	SlidingWindow Algorithm = 1
)

// Rate is a limit: Limit units per Period.
type Rate struct {
	Algorithm Algorithm
	Limit     int64         // 0: nothing is allowed
	Period    time.Duration // above 0
	Burst     int64         // TokenBucket: its size; 0 means Limit
}

// Never is the Retry of a request that no waiting helps: it costs more than
// can ever be there.
const Never time.Duration = math.MaxInt64

// Decision is what Take found.
type Decision struct {
	Allowed   bool
	Crowded   bool          // decided by a counter that the key shares with others: see Take
	Remaining int64         // units that could be taken now
	Reset     time.Duration // until the key is as if never used
	Retry     time.Duration // until the same could be allowed; 0 when Allowed
}

// The largest numbers with which nothing overflows.
const (
	maxLimit = 1 << 40
	maxSpan  = 1 << 60 // nanoseconds, 36 years
)

// check makes r complete and says whether it makes sense.
func (r *Rate) check(cost int64) error {
	if r.Limit < 0 || r.Limit > maxLimit || r.Burst < 0 || r.Burst > maxLimit ||
		r.Period <= 0 || r.Period > maxSpan || cost < 0 {
		return ErrRate
	}
	switch r.Algorithm {
	case TokenBucket:
		if r.Burst == 0 {
			r.Burst = r.Limit
		}
		if r.Limit > 0 {
			if hi, lo := bits.Mul64(uint64(r.Burst), uint64(r.Period)); hi >= uint64(r.Limit) {
				return ErrRate
			} else if q, _ := bits.Div64(hi, lo, uint64(r.Limit)); q > maxSpan {
				return ErrRate
			}
		}
	case SlidingWindow:
		r.Burst = 0
	default:
		return ErrRate
	}
	return nil
}

// cell is the state of one key.
type cell struct {
	at      int64 // bucket: when it is full again; window: its begin; nanoseconds
	part    int64 // bucket: to be added to at, in 1/limit nanoseconds; no rounding ever adds up
	count   int64 // window: taken in it
	before  int64 // window: taken in the one before
	period  int64 // window: its length
	expires int64 // from then on the cell says no more than an absent one
}

// take decides and, if allowed, counts. The state is changed only then.
func (c *cell) take(r *Rate, cost, now int64) Decision {
	if r.Algorithm == SlidingWindow {
		return c.window(r, cost, now)
	}
	return c.bucket(r, cost, now)
}

func (c *cell) bucket(r *Rate, cost, now int64) Decision {
	if r.Limit == 0 || cost > r.Burst {
		return Decision{Retry: Never, Allowed: cost == 0}
	}
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

func (c *cell) window(r *Rate, cost, now int64) Decision {
	if cost > r.Limit || r.Limit == 0 {
		return Decision{Retry: Never, Allowed: cost == 0}
	}
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
