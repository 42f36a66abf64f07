package chain

import (
	"time"

	"github.com/weirproxy/weir/core/filter"
)

// Interrupter is a read that can be made to return early.
type Interrupter interface{ Interrupt() }

// Lock and Unlock guard the stream where two goroutines own it: one for each
// direction. Begin locks, Finish unlocks.
func (s *Stream) Lock() { s.mu.Lock() }

// Unlock lets go of the stream, to which others may not yet do anything.
func (s *Stream) Unlock() { s.mu.Unlock() }

// bell is what a direction's owner waits at.
type bell struct {
	ring  chan struct{}
	timer *time.Timer
}

// Wait lets go of the stream until something was noted for it, or wait is
// over; it says which. Each direction has one waiter. Flow acts on what was
// noted.
func (s *Stream) Wait(d filter.Direction, wait time.Duration) bool {
	b := &s.bells[d]
	if b.timer == nil {
		b.timer = time.NewTimer(wait)
	} else {
		b.timer.Reset(wait)
	}
	s.waiters++
	s.mu.Unlock()
	woken := true
	select {
	case <-b.ring:
	case <-b.timer.C:
		woken = false
	}
	b.timer.Stop()
	s.mu.Lock()
	s.waiters--
	return woken
}

// Wake ends the Wait of both directions. Anyone may call it.
func (s *Stream) Wake() {
	for i := range s.bells {
		select {
		case s.bells[i].ring <- struct{}{}:
		default:
		}
	}
}

// Idle lets go of the stream while its owner reads from r, in direction d:
// something noted meanwhile, or before and not yet acted on, interrupts the
// read. Busy takes the lock back.
func (s *Stream) Idle(d filter.Direction, r Interrupter) {
	s.readers[d] = r
	s.waiters++
	noted := s.verdictPending() || s.Resumed(d)
	s.mu.Unlock()
	// Fail may have met the lock, and then left it to us.
	if noted || s.hasLost.Load() {
		r.Interrupt()
	}
}

// Busy ends Idle.
func (s *Stream) Busy(d filter.Direction) {
	s.mu.Lock()
	s.readers[d] = nil
	s.waiters--
}

// TryHold is for filters: see filter.Stream.
func (s *Stream) TryHold() bool {
	if !s.mu.TryLock() {
		return false
	}
	if s.waiters == 0 || s.logging {
		s.mu.Unlock()
		return false
	}
	return true
}

// Release ends TryHold, and wakes the owner if there is something to do.
func (s *Stream) Release() {
	s.alert()
	s.mu.Unlock()
}

// alert wakes whoever must act on what was noted. The lock is held.
func (s *Stream) alert() {
	stop := s.reply.set || s.cut
	request, response := s.Resumed(filter.Request), s.Resumed(filter.Response)
	if !stop && !request && !response {
		return
	}
	if r := s.readers[filter.Request]; r != nil && (stop || request) {
		r.Interrupt()
	} else {
		response = response || request // the response's owner sees to it
	}
	if r := s.readers[filter.Response]; r != nil && (stop || response) {
		r.Interrupt()
	}
	s.Wake()
}

// Resumed says whether a resumption is to be acted on in d, by Flow.
func (s *Stream) Resumed(d filter.Direction) bool {
	for p := 0; p < s.dir[d].seats; p++ {
		if s.at(d, p).half[d].resume {
			return true
		}
	}
	return s.hasLost.Load()
}

// Stopped says whether a reply or an end was noted that is to be acted on.
func (s *Stream) Stopped() bool { return s.verdictPending() }

// Kick ends every wait of the stream's owners, so that they look at what
// happened outside of the chain. It answers false when it could not see
// whether one waits; it never blocks.
func (s *Stream) Kick() bool {
	s.Wake()
	if !s.mu.TryLock() {
		return false
	}
	for _, r := range s.readers {
		if r != nil {
			r.Interrupt()
		}
	}
	s.mu.Unlock()
	return true
}

// Fail is for filters: see filter.Stream. It may find the stream in any state, so it
// only takes note.
func (s *Stream) Fail(p filter.Part, err error) {
	s.lostMu.Lock()
	s.lost = append(s.lost, lostPart{p, err})
	s.hasLost.Store(true)
	s.lostMu.Unlock()
	s.Kick()
}

// settleLost acts on Fail.
func (s *Stream) settleLost() {
	if !s.hasLost.Load() {
		return
	}
	s.lostMu.Lock()
	lost := s.lost
	s.lost = nil
	s.hasLost.Store(false)
	s.lostMu.Unlock()
	for _, l := range lost {
		for i := range s.seats {
			if st := &s.seats[i]; st.part == l.part && !st.failed {
				if !s.due(st, filter.Request) && !s.due(st, filter.Response) {
					st.failed = true // it had no more to say than its log
					continue
				}
				s.lose(i, l.err)
				st.half[filter.Request].resume = true
				st.half[filter.Response].resume = true
			}
		}
	}
	s.alert() // either direction's owner may be waiting
}

// due says whether a filter has callbacks to come in a direction, or holds
// something back.
func (s *Stream) due(st *seat, d filter.Direction) bool {
	dir, p := &s.dir[d], st.link.phases
	return st.half[d].pause != flowing || !dir.passed && p&headPhase(d) != 0 ||
		!dir.ended && p&(bodyPhase(d)|trailerPhase(d)) != 0
}
