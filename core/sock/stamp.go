package sock

import (
	"sync/atomic"
	"time"
)

// stamp is a deadline in coarse time: 0 is none, passed means that the
// reaper found it passed and woke the waiter.
type stamp struct {
	at   atomic.Int64
	span atomic.Int64 // for progress, nanoseconds
	now  *atomic.Int64
	// exact says that a deadline of Go's is set beside it.
	exact atomic.Bool
}

const passed = -1

func (s *stamp) due(now int64) bool {
	at := s.at.Load()
	return at > 0 && now >= at
}

func (s *stamp) expired() bool { return s.at.Load() == passed }

// progress pushes the deadline ahead by its span.
func (s *stamp) progress() {
	if at := s.at.Load(); at > 0 {
		s.at.CompareAndSwap(at, s.now.Load()+s.span.Load())
	}
}

// expire wakes the waiter, unless the stamp has moved on meanwhile.
func (c *Conn) expire(s *stamp, setDeadline func(time.Time) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := s.at.Load()
	if at > 0 && s.now.Load() >= at && s.at.CompareAndSwap(at, passed) {
		_ = setDeadline(time.Unix(1, 0))
	}
}

func (c *Conn) arm(s *stamp, d time.Duration, setDeadline func(time.Time) error) {
	if s.now == nil {
		return
	}
	at := int64(0)
	if d > 0 {
		at = s.now.Load() + int64(d)
	}
	if s.at.Swap(at) == passed {
		c.mu.Lock()
		if s == &c.writeStamp || !c.broken.Load() {
			_ = setDeadline(time.Time{})
		}
		c.mu.Unlock()
	}
}

// ArmRead lets reads fail with ErrTimeout from d on, as a whole; 0 disarms.
// It is early by up to one period of the reaper, and late by as much.
func (c *Conn) ArmRead(d time.Duration) { c.arm(&c.readStamp, d, c.tcp.SetReadDeadline) }

// ArmWrite lets writes fail with ErrTimeout when none makes progress for d;
// 0 disarms.
func (c *Conn) ArmWrite(d time.Duration) {
	c.writeStamp.span.Store(int64(d))
	c.arm(&c.writeStamp, d, c.tcp.SetWriteDeadline)
}
