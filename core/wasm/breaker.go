package wasm

import (
	"sync"
	"time"
)

// BreakerOptions say when a VM whose guests keep failing is left alone. Zero
// values stand for the defaults.
type BreakerOptions struct {
	// Failures within Window put the VM in quarantine. Default 5 in a minute.
	Failures int
	Window   time.Duration
	// Quarantine is how long it lasts, the first time. When it is over, the VM
	// is on probation for a Window: one failure brings the next, twice as long.
	// Default 10 s, at most 16 times that.
	Quarantine time.Duration
	// Backoff is how long a lane waits for a fresh instance after its second
	// death in a row, twice as long after each further one, at most MaxBackoff.
	// After the first it does not wait. Default 100 ms, 30 s.
	Backoff    time.Duration
	MaxBackoff time.Duration
}

// maxQuarantine is the longest quarantine, in times the first.
const maxQuarantine = 16

func (o BreakerOptions) withDefaults() BreakerOptions {
	if o.Failures <= 0 {
		o.Failures = 5
	}
	if o.Window <= 0 {
		o.Window = time.Minute
	}
	if o.Quarantine <= 0 {
		o.Quarantine = 10 * time.Second
	}
	if o.Backoff <= 0 {
		o.Backoff = 100 * time.Millisecond
	}
	if o.MaxBackoff <= 0 {
		o.MaxBackoff = 30 * time.Second
	}
	return o
}

// backoff is the wait before the attempt after so many deaths in a row beyond the first.
func (o BreakerOptions) backoff(deaths int) time.Duration {
	if deaths <= 0 {
		return 0
	}
	return min(o.Backoff<<min(deaths-1, 20), o.MaxBackoff)
}

// breaker counts a VM's failures and opens its gate again after a quarantine.
type breaker struct {
	BreakerOptions
	vm *VM

	mu        sync.Mutex
	recent    []time.Time // failures within the window, oldest first
	probation time.Time   // until when one failure is enough
	times     time.Duration
	timer     *time.Timer
}

// failed counts one failure.
func (b *breaker) failed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	old := 0
	for old < len(b.recent) && now.Sub(b.recent[old]) >= b.Window {
		old++
	}
	b.recent = append(b.recent[old:], now)
	onProbation := now.Before(b.probation)
	if !onProbation && len(b.recent) < b.Failures {
		return
	}
	if !b.vm.gate.CompareAndSwap(gateOpen, gateQuarantined) {
		return
	}
	if onProbation {
		b.times = min(2*b.times, maxQuarantine)
	} else {
		b.times = 1
	}
	b.recent = b.recent[:0]
	wait := b.times * b.Quarantine
	b.timer = time.AfterFunc(wait, b.reopen)
	b.vm.module.engine.log.Error("a filter VM is in quarantine: its guests keep failing",
		"vm", b.vm.config.Name, "for", wait)
}

// reopen ends the quarantine. Lanes that lost their instance get one.
func (b *breaker) reopen() {
	b.mu.Lock()
	b.probation = time.Now().Add(b.Window)
	b.mu.Unlock()
	if !b.vm.gate.CompareAndSwap(gateQuarantined, gateOpen) {
		return
	}
	for i := range b.vm.Lanes() {
		b.vm.spawn(func() { b.vm.revive(&b.vm.lanes[i]) })
	}
}

func (b *breaker) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.timer != nil {
		b.timer.Stop()
	}
}
