package weir

import (
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// Algorithm is a way to hold a rate.
type Algorithm uint32

// The algorithms. Values are the function's.
const (
	// TokenBucket fills evenly and lets a burst through when it is full.
	TokenBucket Algorithm = 0
	// SlidingWindow never lets more than the limit through in any period, as
	// nearly as two counters can tell.
	SlidingWindow Algorithm = 1
)

// Rate is a limit: Limit units per Period.
type Rate struct {
	Algorithm Algorithm
	Limit     int64         // 0: nothing is allowed
	Period    time.Duration // above 0
	Burst     int64         // TokenBucket: its size; 0 means Limit
	Fleet     bool          // held over all proxies that share a store, about so; Period is a second or more then
}

// Decision is what Take found.
type Decision struct {
	Allowed   bool
	Crowded   bool          // the host has no room for this key: it shares a counter with others
	Remaining int64         // units that could be taken now
	Reset     time.Duration // until the key is as if never used
	Retry     time.Duration // until the same could be allowed; negative: never
}

// Limiter holds one rate for any number of keys. It counts in the host: all
// lanes together, through traps and reloads.
type Limiter struct {
	args []byte // the rate, then room for the cost and key
}

// ratePrefix is the length of what comes before the cost.
const ratePrefix = 4 + 4 + 8 + 8 + 8

// NewLimiter makes a limiter. A rate that makes no sense shows at Take, as
// sdk.ErrBadArgument.
func NewLimiter(r Rate) *Limiter {
	b := make([]byte, 0, 128)
	b = le.AppendUint32(b, uint32(r.Algorithm))
	scope := uint32(0)
	if r.Fleet {
		scope = 1
	}
	b = le.AppendUint32(b, scope)
	b = le.AppendUint64(b, uint64(r.Limit))
	b = le.AppendUint64(b, uint64(r.Period))
	b = le.AppendUint64(b, uint64(r.Burst))
	return &Limiter{b}
}

// Take asks for cost units of key's limit: it decides, and counts if it
// allows. A cost of 0 only looks. Keys of different limits must differ: begin
// each with the limit's name.
func (l *Limiter) Take(key []byte, cost int64) (Decision, error) {
	const size = 4 + 4 + 8 + 8 + 8
	l.args = le.AppendUint64(l.args[:ratePrefix], uint64(cost))
	l.args = append(l.args, key...)
	v, err := sdk.Foreign("weir.rate_take", l.args)
	if err != nil {
		return Decision{}, err
	}
	if len(v) != size {
		return Decision{}, sdk.ErrSerialization
	}
	return Decision{
		Allowed:   le.Uint32(v) != 0,
		Crowded:   le.Uint32(v[4:]) != 0,
		Remaining: int64(le.Uint64(v[8:])),
		Reset:     time.Duration(le.Uint64(v[16:])),
		Retry:     time.Duration(le.Uint64(v[24:])),
	}, nil
}
