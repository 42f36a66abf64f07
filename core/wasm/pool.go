package wasm

import (
	"context"
	"errors"
	"sync"
	"time"
)

// PoolOptions are a Pool's bounds. VMConfig.Lanes is how many instances it has
// at most.
type PoolOptions struct {
	// Wait is how long Take waits when all instances are taken. 0: not at all.
	Wait time.Duration
	// Idle is for how long an instance that nobody needs is kept. The last one
	// stays. Default a minute.
	Idle time.Duration
}

// Pool gives out the lanes of a VM of its own, each to one taker at a time: for
// an ABI whose guests know no contexts and so serve one stream. The lane is
// locked while a callback runs, as any lane; between them it is its taker's.
//
// The instance that was given back last is taken first, so that those beyond
// the need of the moment fall idle.
type Pool struct {
	vm   *VM
	wait time.Duration

	mu      sync.Mutex
	warm    []warmLane // free, with an instance or one on its way; the last is the next
	cold    []*Lane    // free, without; the last is the next
	waiting []chan *Lane
	round   uint64 // of looking for idle ones
}

type warmLane struct {
	*Lane
	since uint64 // round
}

// ErrExhausted is why Take has no lane when all are taken.
var ErrExhausted = errors.New("all its instances are in use")

// NewPool makes a pool and its first instance, with the errors of NewVM.
func NewPool(ctx context.Context, c VMConfig, o PoolOptions) (*Pool, error) {
	vm, err := NewVM(ctx, c)
	if err != nil {
		return nil, err
	}
	if o.Idle <= 0 {
		o.Idle = time.Minute
	}
	p := &Pool{vm: vm, wait: o.Wait, warm: []warmLane{{Lane: &vm.lanes[0]}}}
	for i := len(vm.lanes) - 1; i > 0; i-- {
		p.cold = append(p.cold, &vm.lanes[i])
	}
	vm.spawn(func() { p.cool(o.Idle) })
	return p, nil
}

// VM is what the pool's lanes belong to.
func (p *Pool) VM() *VM { return p.vm }

// Close ends all instances. No lane may be taken any more.
func (p *Pool) Close() { p.vm.Close() }

// Take is a lane of one's own, with a live instance, until Give. Its error is
// of kind GuestUnavailable, or what starting an instance failed with.
func (p *Pool) Take() (*Lane, error) {
	if p.vm.gate.Load() != gateOpen {
		return nil, p.vm.refusal()
	}
	p.mu.Lock()
	if n := len(p.warm); n > 0 {
		l := p.warm[n-1].Lane
		p.warm = p.warm[:n-1]
		p.mu.Unlock()
		if laneState(l.state.Load()) == laneLive {
			return l, nil
		}
		return p.takeOther(l)
	}
	if n := len(p.cold); n > 0 {
		l := p.cold[n-1]
		p.cold = p.cold[:n-1]
		p.mu.Unlock()
		return p.warmUp(l)
	}
	if p.wait <= 0 {
		p.mu.Unlock()
		return nil, p.vm.unavailable(ErrExhausted)
	}
	hand := make(chan *Lane, 1)
	p.waiting = append(p.waiting, hand)
	p.mu.Unlock()
	return p.await(hand)
}

// Give takes a lane back, whatever has become of its instance. It must not be
// locked.
func (p *Pool) Give(l *Lane) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) > 0 {
		p.waiting[0] <- l
		p.waiting[0] = nil
		p.waiting = p.waiting[1:]
		return
	}
	p.warm = append(p.warm, warmLane{l, p.round})
}

// await waits for a lane that is given back.
func (p *Pool) await(hand chan *Lane) (*Lane, error) {
	t := time.NewTimer(p.wait)
	defer t.Stop()
	select {
	case l := <-hand:
		return p.takeOther(l)
	case <-p.vm.done.Done():
	case <-t.C:
	}
	if p.leave(hand) {
		return nil, p.vm.unavailable(ErrExhausted)
	}
	return p.takeOther(<-hand) // it was handed over meanwhile
}

// leave takes one who waits out of the line, false if a lane came first.
func (p *Pool) leave(hand chan *Lane) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, w := range p.waiting {
		if w == hand {
			p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// takeOther is l if it has an instance or gets one now, else another lane.
func (p *Pool) takeOther(l *Lane) (*Lane, error) {
	l.Lock() // where a fresh instance is on its way, until it is there
	live := l.in != nil
	l.Unlock()
	if live {
		return l, nil
	}
	// It waits for its next attempt, or for the end of a quarantine.
	p.mu.Lock()
	var other *Lane
	for i := len(p.warm) - 1; i >= 0 && other == nil; i-- {
		if laneState(p.warm[i].state.Load()) == laneLive {
			other = p.warm[i].Lane
			p.warm = append(p.warm[:i], p.warm[i+1:]...)
		}
	}
	p.warm = append([]warmLane{{l, p.round}}, p.warm...)
	var fresh *Lane
	if n := len(p.cold); other == nil && n > 0 {
		fresh = p.cold[n-1]
		p.cold = p.cold[:n-1]
	}
	p.mu.Unlock()
	switch {
	case other != nil:
		return other, nil
	case fresh != nil:
		return p.warmUp(fresh)
	case p.vm.gate.Load() != gateOpen:
		return nil, p.vm.refusal()
	}
	return nil, p.vm.unavailable(errNoInstance)
}

// warmUp makes an instance for a lane without.
func (p *Pool) warmUp(l *Lane) (*Lane, error) {
	l.mu.Lock()
	if p.vm.gate.Load() == gateClosed {
		l.mu.Unlock()
		return nil, p.vm.refusal()
	}
	p.use(l)
	err := p.vm.start(l)
	if err == nil {
		l.mu.Unlock()
		return l, nil
	}
	l.set(laneUnused)
	l.mu.Unlock()
	p.mu.Lock()
	p.cold = append(p.cold, l)
	p.mu.Unlock()
	if p.vm.gate.Load() != gateOpen {
		return nil, p.vm.refusal()
	}
	p.vm.breaker.failed()
	p.vm.module.engine.log.Warn("a further filter instance could not be started", "vm", p.vm.config.Name, "lane", l.index, "error", err)
	return nil, err
}

// use counts l among the lanes that are shown.
func (p *Pool) use(l *Lane) {
	for {
		n := p.vm.used.Load()
		if int(n) > l.index || p.vm.used.CompareAndSwap(n, int32(l.index)+1) {
			return
		}
	}
}

// cool lets go of instances that nobody has needed for so long, until the VM
// is closed.
func (p *Pool) cool(idle time.Duration) {
	t := time.NewTicker(max(idle/coolRounds, time.Millisecond))
	defer t.Stop()
	for {
		select {
		case <-p.vm.done.Done():
			return
		case <-t.C:
		}
		p.closeIdle()
	}
}

// coolRounds is how often idle ones are looked for in the time they are kept.
const coolRounds = 4

// closeIdle lets go of those that have been free for too long. The longest free
// come first in the list.
func (p *Pool) closeIdle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.round++
	for len(p.warm) > 1 {
		l := p.warm[0]
		if p.round-l.since <= coolRounds || laneState(l.state.Load()) != laneLive {
			return
		}
		l.mu.Lock()
		l.in.close()
		l.in = nil
		l.set(laneUnused)
		l.mu.Unlock()
		p.warm = append(p.warm[:0], p.warm[1:]...)
		p.cold = append(p.cold, l.Lane)
	}
}
