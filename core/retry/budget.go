package retry

import (
	"sync"
	"time"

	"github.com/weirproxy/weir/core/failure"
)

// Budget keeps retries a share of the requests, so that they do not multiply the
// load of an upstream that fails because of its load. It looks back ten seconds.
type Budget struct {
	share uint64 // percent of the requests that may be retries
	rate  uint64 // retries a second that may be made whatever the load

	mu     sync.Mutex
	window failure.Window // of requests, and retries as the bad ones
}

const budgetSpan = 10 * time.Second

// Request counts a request. now is in nanoseconds.
func (b *Budget) Request(now int64) {
	b.mu.Lock()
	b.window.Add(failure.Tally{All: 1}, budgetSpan, now)
	b.mu.Unlock()
}

// Take asks for a retry, and counts it where that is allowed.
func (b *Budget) Take(now int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.window.Add(failure.Tally{}, budgetSpan, now) // what is too old goes
	if s := &b.window.Sum; s.Bad*100+100 > s.All*b.share+b.rate*100*uint64(budgetSpan/time.Second) {
		return false
	}
	b.window.Add(failure.Tally{Bad: 1}, budgetSpan, now)
	return true
}
