package weir

import (
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// Circuit is a circuit breaker for any number of keys. It counts in the host: all
// lanes together, through traps and reloads.
type Circuit struct {
	Consecutive int           // errors in a row that open it; 0: no such bound
	Percent     int           // of Window's requests; 0: no such bound
	Minimum     int           // requests in Window before Percent counts, 1 or more
	Window      time.Duration // slides in tenths
	Open        time.Duration // how long it stays open at first
	Longest     time.Duration // and at most
	Growth      int           // percent of the last time, 100 to 1000
	Probes      int           // at once while half-open; so many good ones close it

	Faults   Faults
	GRPC     uint32 // a set of statuses: bit n is status n
	Statuses Statuses

	Opened, HalfOpened, Closed *sdk.Counter // of changes; may be nil
}

// Entry is what Enter found.
type Entry struct {
	Allowed bool
	Retry   time.Duration // until the first probe may go; 0 where that is not known
}

// encode is the policy as the host reads it.
func (c *Circuit) encode() []byte {
	b := make([]byte, 0, circuitSize+256)
	for _, v := range [...]uint32{uint32(c.Consecutive), uint32(c.Percent), uint32(c.Minimum), uint32(c.Probes),
		uint32(c.Growth), uint32(c.Faults), c.GRPC, 0} {
		b = le.AppendUint32(b, v)
	}
	for _, v := range [...]time.Duration{c.Window, c.Open, c.Longest} {
		b = le.AppendUint64(b, uint64(v))
	}
	b = append(b, c.Statuses[:]...)
	for _, m := range [...]*sdk.Counter{c.Opened, c.HalfOpened, c.Closed} {
		b = le.AppendUint32(b, counterID(m))
	}
	return le.AppendUint32(b, 0)
}

const circuitSize = 136

// Breaker asks the circuits of one policy.
type Breaker struct {
	args []byte // the policy, then room for a key
}

// NewBreaker makes one. A policy that makes no sense shows at Enter, as
// sdk.ErrBadArgument.
func NewBreaker(c Circuit) *Breaker { return &Breaker{c.encode()} }

// Enter asks whether the current stream may go on by the circuit of a key, and
// takes a place in it: the host counts how the stream ends. Keys of different policies
// must differ: begin each with the filter's name.
func (b *Breaker) Enter(key []byte) (Entry, error) {
	const size = 4 + 4 + 8
	b.args = append(b.args[:circuitSize], key...)
	v, err := sdk.Foreign("weir.circuit_enter", b.args)
	if err != nil {
		return Entry{}, err
	}
	if len(v) != size {
		return Entry{}, sdk.ErrSerialization
	}
	return Entry{Allowed: le.Uint32(v) != 0, Retry: time.Duration(le.Uint64(v[8:]))}, nil
}

// Breaker appends a circuit breaker: a place in the circuit of the key that value
// makes is taken, and where that is allowed the filter's OnRequestHeaders is not called. It
// is called in all other cases. A filter has one of this and Gate.
func (l *Edits) Breaker(b *Breaker, key []EditPart) {
	l.Add(Edit{Phase: OnRequestHead, Action: breaker, Name: sdk.View(b.args[:circuitSize]), Value: key})
}
