// Package retry says when a request is sent again: a policy that a filter has
// decided on in the place of its route's, and the budget that bounds it.
//
// Start at [Policy].
package retry

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/weirproxy/weir/core/failure"
)

// Policy stands in the place of a route's retries. It is only read, but for its
// budget, by any number of streams at once.
type Policy struct {
	Attempts int           // beside the first
	PerTry   time.Duration // of one try, connecting included, to the response's head; 0 for the route's
	Base     time.Duration // the first wait is up to that, the next up to twice as long
	Longest  time.Duration // and at most that
	After    time.Duration // the longest Retry-After that is waited for, 0 for none

	Faults   failure.Faults
	GRPC     uint32 // statuses of calls that were answered by a head alone: bit n is status n
	Statuses failure.Statuses
	Methods  Methods // whose repetition does no harm
	Key      string  // request field that says the same of any method, empty for none

	Budget Budget
}

// Methods is a set of methods: bit n is the n-th of them.
type Methods uint32

// idempotent are the methods that may be in a set (RFC 9110, section 9.2.2).
var idempotent = [...]string{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"}

// AllMethods are all that a set can have.
const AllMethods Methods = 1<<len(idempotent) - 1

// Has says whether a method is in the set.
func (m Methods) Has(method []byte) bool {
	for i, name := range idempotent {
		if string(method) == name {
			return m&(1<<i) != 0
		}
	}
	return false
}

// The bounds of a policy.
const (
	MaxAttempts = 10
	maxWait     = time.Minute
	maxPerTry   = 24 * time.Hour
	maxShare    = 1000
	maxRate     = 1_000_000
	maxKey      = 64
	numCalls    = 17 // statuses of gRPC
)

// size is the length of what comes before the key, in bytes.
const size = 4*8 + 8*4 + failure.StatusesSize

// ErrMalformed is a policy that makes no sense.
var ErrMalformed = errors.New("malformed retry policy")

// Parse reads a policy in the encoding of weir.retry_policy, see sdk/ABI.md.
func Parse(b []byte) (*Policy, error) {
	if len(b) < size || len(b) > size+maxKey {
		return nil, ErrMalformed
	}
	word := func(n int) uint32 { return binary.LittleEndian.Uint32(b[4*n:]) }
	span := func(n int) time.Duration { return time.Duration(binary.LittleEndian.Uint64(b[32+8*n:])) }
	p := &Policy{
		Attempts: int(word(0)), Faults: failure.Faults(word(1)), GRPC: word(2), Methods: Methods(word(3)),
		Budget: Budget{share: uint64(word(4)), rate: uint64(word(5))},
		PerTry: span(0), Base: span(1), Longest: span(2), After: span(3),
		Statuses: failure.ReadStatuses(b[64:]), Key: string(b[size:]),
	}
	if word(6)|word(7) != 0 || !p.sound() {
		return nil, ErrMalformed
	}
	return p, nil
}

func (p *Policy) sound() bool {
	within := func(d, most time.Duration) bool { return d >= 0 && d <= most }
	return p.Attempts >= 0 && p.Attempts <= MaxAttempts && p.Faults&^failure.AllFaults == 0 &&
		p.GRPC < 1<<numCalls && p.Methods <= AllMethods &&
		p.Budget.share <= maxShare && p.Budget.rate <= maxRate &&
		within(p.PerTry, maxPerTry) && within(p.Longest, maxWait) && within(p.Base, p.Longest) && within(p.After, maxWait) &&
		lower(p.Key)
}

// lower says whether a name can be that of a field: lower-case letters, digits, "-"
// and "_".
func lower(name string) bool {
	for i := range len(name) {
		if c := name[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// Wait is how long to wait before a further try, the first being 0: anything up to
// a bound that doubles, so that clients that failed together do not come back
// together.
func (p *Policy) Wait(try int) time.Duration {
	bound := min(p.Base<<min(try, MaxAttempts), p.Longest)
	if bound <= 0 {
		return 0
	}
	return rand.N(bound + 1)
}
