package proxy

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/fault"
)

// Gate bounds the requests under way at one side, and those that wait for a
// place. It outlives snapshots: a reload does not forget who is inside.
type Gate struct {
	limit, queue atomic.Int64
	wait         atomic.Int64 // nanoseconds
	inside       atomic.Int64
	mu           sync.Mutex
	waiting      []chan struct{}
}

// Set changes the bounds: requests under way, requests that wait, and for how
// long each does.
func (g *Gate) Set(limit, queue int, wait time.Duration) {
	g.limit.Store(int64(limit))
	g.queue.Store(int64(queue))
	g.wait.Store(int64(wait))
}

var (
	errOverload     = fault.New(fault.Overload, "entering: too many requests under way and waiting", nil)
	errQueueTimeout = fault.New(fault.QueueTimeout, "entering: too many requests under way", nil)
)

// Enter takes a place, waiting for one if it must. After nil, Leave follows.
func (g *Gate) Enter() error {
	if g.inside.Add(1) <= g.limit.Load() {
		return nil
	}
	return g.enterSlow()
}

func (g *Gate) enterSlow() error {
	g.mu.Lock()
	// Whoever leaves from here on sees us waiting, or we see the place.
	if g.inside.Add(-1) < g.limit.Load() {
		g.inside.Add(1)
		g.mu.Unlock()
		return nil
	}
	if int64(len(g.waiting)) >= g.queue.Load() {
		g.mu.Unlock()
		return errOverload
	}
	place := make(chan struct{}, 1)
	g.waiting = append(g.waiting, place)
	g.mu.Unlock()
	t := time.NewTimer(time.Duration(g.wait.Load()))
	defer t.Stop()
	select {
	case <-place:
		return nil
	case <-t.C:
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, w := range g.waiting {
		if w == place {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return errQueueTimeout
		}
	}
	return nil // the place came in the same moment
}

// Leave gives the place to who has waited longest, or back.
func (g *Gate) Leave() {
	if g.inside.Add(-1) < g.limit.Load()-1 {
		return // there was room besides ours, so nobody waits
	}
	g.mu.Lock()
	for len(g.waiting) > 0 && g.inside.Load() < g.limit.Load() {
		g.inside.Add(1)
		g.waiting[0] <- struct{}{}
		g.waiting = append(g.waiting[:0], g.waiting[1:]...)
	}
	g.mu.Unlock()
}

// Inside and Waiting are the numbers of the moment.
func (g *Gate) Inside() int64 { return g.inside.Load() }

// Waiting is how many requests wait for a place.
func (g *Gate) Waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.waiting)
}
