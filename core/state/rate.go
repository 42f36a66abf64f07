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
	Fleet     bool          // held over all proxies that share a store, see [Fleet]; Period is a second or more then
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
		r.Period <= 0 || r.Period > maxSpan || cost < 0 || r.Fleet && r.Period < time.Second {
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

// most is what can be taken at once, of a rate that was checked.
func (r *Rate) most() int64 {
	if r.Algorithm == SlidingWindow {
		return r.Limit
	}
	return r.Burst
}

// take decides and, if allowed, counts. The state is changed only then.
func (c *cell) take(r *Rate, cost, now int64) Decision {
	switch {
	case r.Limit == 0 && cost == 0:
		return Decision{Allowed: true}
	case r.Limit == 0:
		return Decision{Retry: Never}
	case cost > r.most():
		d := c.take(r, 0, now)
		d.Allowed, d.Retry = false, Never
		return d
	case r.Algorithm == SlidingWindow:
		return c.window(r, cost, now)
	}
	return c.bucket(r, cost, now)
}
