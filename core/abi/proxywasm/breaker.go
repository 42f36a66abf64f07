package proxywasm

import (
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/wasm"
)

// The limits of a filter's breaker.
const (
	breakerFailures = 5
	breakerWindow   = time.Minute
	quarantine      = 10 * time.Second // the first; twice as long each further time
	maxQuarantine   = 160 * time.Second
)

var errQuarantined = errors.New("quarantined because it kept failing")

// breaker leaves alone a filter that keeps failing. It counts the filter whose
// callback failed, so that the others of a shared VM go on.
type breaker struct {
	clock wasm.Clock
	until atomic.Int64 // of the quarantine, unix nanoseconds; 0: none

	mu      sync.Mutex
	since   time.Time // of the first failure counted
	count   int
	last    time.Duration // quarantine
	endedAt time.Time
}

// open says that no stream may enter.
func (b *breaker) open() bool {
	until := b.until.Load()
	return until != 0 && b.clock.Now().UnixNano() < until
}

// failed counts a failure. Soon after a quarantine one is enough for the next.
func (b *breaker) failed(log *slog.Logger, name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	if now.Sub(b.since) > breakerWindow {
		b.since, b.count = now, 0
	}
	b.count++
	probation := !b.endedAt.IsZero() && now.Sub(b.endedAt) < breakerWindow
	if !probation && b.count < breakerFailures || now.Before(b.endedAt) {
		return
	}
	wait := quarantine
	if probation {
		wait = min(2*b.last, maxQuarantine)
	}
	b.last, b.endedAt, b.count = wait, now.Add(wait), 0
	b.until.Store(b.endedAt.UnixNano())
	log.Error("a filter is in quarantine: it keeps failing", "filter", name, "for", wait)
}
