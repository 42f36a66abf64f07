package weir

import (
	"time"

	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// RetryPolicy says when a request is sent again, in the place of its route's
// retries. A fault that the upstream cannot have seen the request of may be tried
// again whatever the method; all else only if repeating does no harm.
type RetryPolicy struct {
	Attempts  int           // beside the first, at most 10
	PerTry    time.Duration // of one try, connecting included, to the response's head; 0: the route's
	BackOff   time.Duration // the first wait is up to that, the next up to twice as long
	Longest   time.Duration // and at most that, up to a minute
	After     time.Duration // the longest Retry-After that is waited for; 0: none is
	Share     int           // percent of the requests of the last ten seconds that may be retries, at most 1000
	PerSecond int           // retries that may be made beside these

	Faults   Faults
	GRPC     uint32 // statuses of calls answered by a head alone: bit n is status n
	Statuses Statuses
	Methods  Methods // whose repetition does no harm
	Key      string  // request field, in lower case, that says so for any method; may be empty
}

// Methods is a set of methods.
type Methods uint32

// The methods that may be in a set.
const (
	GET Methods = 1 << iota
	HEAD
	OPTIONS
	TRACE
	PUT
	DELETE
)

// Use has the host try the current stream by the policy or, when the filter is
// configured, every stream. It is for the callbacks of requests else.
func (p *RetryPolicy) Use() error {
	b := args[:0]
	for _, v := range [...]uint32{uint32(p.Attempts), uint32(p.Faults), p.GRPC, uint32(p.Methods), uint32(p.Share), uint32(p.PerSecond), 0, 0} {
		b = le.AppendUint32(b, v)
	}
	for _, v := range [...]time.Duration{p.PerTry, p.BackOff, p.Longest, p.After} {
		b = le.AppendUint64(b, uint64(v))
	}
	b = append(append(b, p.Statuses[:]...), p.Key...)
	args = b
	_, err := sdk.Foreign("weir.retry_policy", b)
	return err
}
