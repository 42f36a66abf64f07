package proxy

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/stream"
)

// Gate bounds the requests under way at one side, and those that wait for a
// place. It outlives snapshots: a reload does not forget who is inside.
//
// Who waits is let in by priority, and within one in the order of coming. Where
// no more may wait, whoever came last of a lower priority gives way.
type Gate struct {
	limit, queue atomic.Int64
	wait         atomic.Int64 // nanoseconds
	inside       atomic.Int64
	mu           sync.Mutex
	lines        lines
}

// Set changes the bounds: requests under way, requests that wait, and for how
// long each does.
func (g *Gate) Set(limit, queue int, wait time.Duration) {
	g.limit.Store(int64(limit))
	g.queue.Store(int64(queue))
	g.wait.Store(int64(wait))
	g.fill() // there may be more places than before
}

var (
	errOverload     = fault.New(fault.Overload, "entering: too many requests under way and waiting", nil)
	errQueueTimeout = fault.New(fault.QueueTimeout, "entering: too many requests under way", nil)
)

// Enter takes a place, waiting for one if it must. After nil, Leave follows.
func (g *Gate) Enter(p stream.Priority) error {
	if g.inside.Add(1) <= g.limit.Load() {
		return nil
	}
	return g.enterSlow(p)
}

func (g *Gate) enterSlow(p stream.Priority) error {
	g.mu.Lock()
	// Whoever leaves from here on sees us waiting, or we see the place.
	if g.inside.Add(-1) < g.limit.Load() {
		g.inside.Add(1)
		g.mu.Unlock()
		return nil
	}
	if int64(g.lines.len()) >= g.queue.Load() && !g.lines.giveWay(p) {
		g.mu.Unlock()
		return errOverload
	}
	w := g.lines.join(p)
	g.mu.Unlock()
	t := time.NewTimer(time.Duration(g.wait.Load()))
	defer t.Stop()
	select {
	case in := <-w:
		return enteredOr(in)
	case <-t.C:
	}
	g.mu.Lock()
	left := g.lines.leave(p, w)
	g.mu.Unlock()
	if left {
		return errQueueTimeout
	}
	return enteredOr(<-w) // it was decided in the same moment
}

func enteredOr(in bool) error {
	if in {
		return nil
	}
	return errOverload
}

// Leave gives the place to who is next, or back.
func (g *Gate) Leave() {
	if g.inside.Add(-1) < g.limit.Load()-1 {
		return // there was room besides ours, so nobody waits
	}
	g.fill()
}

// fill lets those who wait in as long as there is room.
func (g *Gate) fill() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.lines.len() > 0 && g.inside.Load() < g.limit.Load() {
		g.inside.Add(1)
		g.lines.admit()
	}
}

// Crowded says whether anybody waits for whom a request of that priority should
// give its place up.
func (g *Gate) Crowded(p stream.Priority) bool {
	if g.inside.Load() < g.limit.Load() {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.lines.above(p)
}

// Inside and Waiting are the numbers of the moment.
func (g *Gate) Inside() int64 { return g.inside.Load() }

// Waiting is how many requests wait for a place.
func (g *Gate) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.lines.len()
}
