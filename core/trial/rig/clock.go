package rig

import (
	"container/heap"
	"sync"
	"time"

	"github.com/weirproxy/weir/core/wasm"
)

// Clock is a wasm.Clock that stands still until it is moved.
type Clock struct {
	mu     sync.Mutex
	now    time.Time
	events events
	seq    uint64
}

// event is something that is to happen at a time.
type event struct {
	clock *Clock
	at    time.Time
	seq   uint64 // in turn where times are equal
	do    func()
	index int // in the heap, -1 once it is out of it
}

func newClock(start time.Time) *Clock { return &Clock{now: start.Round(0)} }

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// nanos is the time for a state.Store.
func (c *Clock) nanos() int64 { return c.Now().UnixNano() }

// AfterFunc calls f when the clock has moved on by d.
func (c *Clock) AfterFunc(d time.Duration, f func()) wasm.Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seq++
	e := &event{clock: c, at: c.now.Add(max(d, 0)), seq: c.seq, do: f}
	heap.Push(&c.events, e)
	return e
}

// Stop takes the event back, and answers false where it has happened.
func (e *event) Stop() bool {
	e.clock.mu.Lock()
	defer e.clock.mu.Unlock()
	if e.index < 0 {
		return false
	}
	heap.Remove(&e.clock.events, e.index)
	return true
}

// next takes out what happens next, if that is by a time, and moves the clock
// there.
func (c *Clock) next(by time.Time) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.events) == 0 || c.events[0].at.After(by) {
		return nil
	}
	e := heap.Pop(&c.events).(*event)
	if e.at.After(c.now) {
		c.now = e.at
	}
	return e.do
}

// move sets the clock.
func (c *Clock) move(to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = to
}

// Due is how long it is until something happens, false if nothing will.
func (c *Clock) Due() (time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.events) == 0 {
		return 0, false
	}
	return c.events[0].at.Sub(c.now), true
}

// events is a heap, the earliest first.
type events []*event

func (e events) Len() int { return len(e) }

func (e events) Less(i, j int) bool {
	if !e[i].at.Equal(e[j].at) {
		return e[i].at.Before(e[j].at)
	}
	return e[i].seq < e[j].seq
}

func (e events) Swap(i, j int) {
	e[i], e[j] = e[j], e[i]
	e[i].index, e[j].index = i, j
}

// Push and Pop are the heap's.
func (e *events) Push(x any) {
	v := x.(*event)
	v.index = len(*e)
	*e = append(*e, v)
}

func (e *events) Pop() any {
	old := *e
	v := old[len(old)-1]
	old[len(old)-1] = nil
	*e = old[:len(old)-1]
	v.index = -1
	return v
}
