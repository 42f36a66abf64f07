package circuit

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/weirproxy/weir/core/failure"
	"github.com/weirproxy/weir/core/grpc"
)

// Policy says when a circuit opens and closes, and what an error is.
type Policy struct {
	Consecutive uint32        // errors in a row that open it, 0 for any number
	Percent     uint32        // of errors in Window that opens it, 1 to 100; 0 for none
	Minimum     uint32        // requests in Window before Percent counts
	Window      time.Duration // slides in tenths
	Open        time.Duration // how long it stays open at first
	Longest     time.Duration // at most, when it opens again and again
	Growth      uint32        // percent of the last time that the next is, 100 to 1000
	Probes      uint32        // at once while half-open; so many good ones close it

	Faults   failure.Faults
	GRPC     grpc.Set         // statuses of calls that are errors
	Statuses failure.Statuses // that are errors

	Metrics [NumTransitions]uint32 // ids of counters of transitions
}

// The bounds of a policy.
const (
	maxCount  = 1_000_000
	maxProbes = 1000
	maxTime   = 24 * time.Hour
	minGrowth = 100
	maxGrowth = 1000
)

// Size is the length of an encoded policy, in bytes.
const Size = 8*4 + 3*8 + failure.StatusesSize + 4*3 + 4

// ErrMalformed is a policy that makes no sense.
var ErrMalformed = errors.New("malformed circuit")

// Parse reads a policy in the encoding of weir.circuit_enter, see sdk/ABI.md.
func Parse(b []byte) (p Policy, err error) {
	if len(b) != Size {
		return p, ErrMalformed
	}
	u32 := func() uint32 {
		v := binary.LittleEndian.Uint32(b)
		b = b[4:]
		return v
	}
	u64 := func() uint64 {
		v := binary.LittleEndian.Uint64(b)
		b = b[8:]
		return v
	}
	p.Consecutive, p.Percent, p.Minimum, p.Probes = u32(), u32(), u32(), u32()
	p.Growth, p.Faults, p.GRPC = u32(), failure.Faults(u32()), grpc.Set(u32())
	reserved := u32()
	p.Window, p.Open, p.Longest = time.Duration(u64()), time.Duration(u64()), time.Duration(u64())
	p.Statuses = failure.ReadStatuses(b)
	b = b[failure.StatusesSize:]
	for i := range p.Metrics {
		p.Metrics[i] = u32()
	}
	if reserved |= u32(); reserved != 0 || !p.sound() {
		return Policy{}, ErrMalformed
	}
	return p, nil
}

func (p *Policy) sound() bool {
	between := func(v, least, most time.Duration) bool { return v >= least && v <= most }
	return p.Consecutive <= maxCount && p.Percent <= 100 && p.Minimum <= maxCount &&
		(p.Percent == 0 || between(p.Window, failure.Slots, maxTime) && p.Minimum > 0) &&
		between(p.Open, 1, maxTime) && between(p.Longest, p.Open, maxTime) &&
		p.Growth >= minGrowth && p.Growth <= maxGrowth &&
		p.Probes >= 1 && p.Probes <= maxProbes &&
		p.Faults&^failure.AllFaults == 0 && p.GRPC < 1<<grpc.NumCodes
}
