package wasm

import (
	"sync"
	"sync/atomic"
	"time"
)

// Lane is the seat of one instance at a time. Its lock is held while guest
// code runs: by whom Acquire or Lock gave it to, until Unlock.
type Lane struct {
	vm    *VM
	index int
	mu    sync.Mutex
	state atomic.Uint32 // a laneState, for those who do not hold the lock

	// Guarded by mu.
	in     *Instance
	vacant bool // the instance died and nobody sees to a new one yet
	deaths int  // in a row, each soon after the one before
	laneCounts
}

// laneCounts is what a lane has counted. Guarded by its lock.
type laneCounts struct {
	calls    uint64
	fuel     uint64
	asked    uint64        // host functions
	longest  time.Duration // callback of a started instance
	traps    uint64
	budget   uint64
	restarts uint64
	idle     idleState
}

// laneState is what a lane is about.
type laneState uint32

// The states.
const (
	laneUnused   laneState = iota // not needed so far
	laneStarting                  // an instance is being made
	laneLive                      // it runs callbacks
	laneDown                      // waiting before the next attempt to make one
	laneClosed                    // for good
)

// String is the state's name on the admin page.
func (s laneState) String() string {
	return [...]string{"unused", "starting", "live", "down", "closed"}[s]
}

// Index is the lane's number in its VM, from 0.
func (l *Lane) Index() int { return l.index }

// VM is what the lane belongs to.
func (l *Lane) VM() *VM { return l.vm }

// Lock waits for the lane. Whether an instance lives there, and which, must be
// asked each time.
func (l *Lane) Lock() { l.mu.Lock() }

// TryLock takes the lane if it is free.
func (l *Lane) TryLock() bool { return l.mu.TryLock() }

// Fuel is what the callbacks of the lane have burned so far, about a nanosecond
// a unit. The lane is locked.
func (l *Lane) Fuel() uint64 { return l.fuel }

// Instance is the lane's, nil when none lives. The lane is locked.
func (l *Lane) Instance() *Instance { return l.in }

// Unlock lets go of the lane. Where its instance died meanwhile, the lock goes
// on to the making of a fresh one, so that whoever waits finds that.
func (l *Lane) Unlock() {
	if l.vacant {
		l.vacant = false
		l.vm.replace(l)
		return
	}
	l.mu.Unlock()
}

func (l *Lane) set(s laneState) { l.state.Store(uint32(s)) }

// lose buries the lane's instance, which has a cause by now.
func (l *Lane) lose(in *Instance) {
	vm := l.vm
	in.flush()
	if !in.started {
		return // its maker gets the error
	}
	l.count(in.cause)
	l.in, l.vacant = nil, true
	l.set(laneStarting)
	if time.Since(in.born) < stableAfter {
		l.deaths++
	} else {
		l.deaths = 1
	}
	if vm.lost != nil {
		vm.lost(in, in.cause)
	}
	in.close()
	vm.breaker.failed()
}

// stableAfter is how long an instance must have lived for its death not to
// count as one more failure in a row.
const stableAfter = 10 * time.Second
