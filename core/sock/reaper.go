package sock

import (
	"sync"
	"sync/atomic"
	"time"
)

// Reaper watches the stamps of many connections: one goroutine that looks at
// all of them every period, in the place of a timer per operation.
type Reaper struct {
	period time.Duration
	now    atomic.Int64 // coarse monotonic time, nanoseconds
	shards [16]shard
	next   atomic.Uint32
	stop   chan struct{}
	done   chan struct{}
}

// shard is a part of the connections.
type shard struct {
	mu    sync.Mutex
	conns []*Conn
	now   *atomic.Int64
}

var start = time.Now()

// NewReaper starts one. period is how late a time-out may come; 10 to 100 ms
// are sensible.
func NewReaper(period time.Duration) *Reaper {
	r := &Reaper{period: period, stop: make(chan struct{}), done: make(chan struct{})}
	r.now.Store(int64(time.Since(start)))
	for i := range r.shards {
		r.shards[i].now = &r.now
	}
	go r.run()
	return r
}

// Close stops watching. The connections stay as they are.
func (r *Reaper) Close() {
	close(r.stop)
	<-r.done
}

// Len is the number of connections watched.
func (r *Reaper) Len() int {
	n := 0
	for i := range r.shards {
		s := &r.shards[i]
		s.mu.Lock()
		n += len(s.conns)
		s.mu.Unlock()
	}
	return n
}

func (r *Reaper) run() {
	defer close(r.done)
	t := time.NewTicker(r.period)
	defer t.Stop()
	for {
		select {
		case <-r.stop:
			return
		case <-t.C:
		}
		now := int64(time.Since(start))
		r.now.Store(now)
		for i := range r.shards {
			r.shards[i].sweep(now)
		}
	}
}

func (r *Reaper) add(c *Conn) {
	s := &r.shards[r.next.Add(1)%uint32(len(r.shards))]
	c.shard = s
	c.readStamp.now, c.writeStamp.now = s.now, s.now
	s.mu.Lock()
	c.slot = len(s.conns)
	s.conns = append(s.conns, c)
	s.mu.Unlock()
}

func (s *shard) remove(c *Conn) {
	s.mu.Lock()
	last := len(s.conns) - 1
	s.conns[c.slot] = s.conns[last]
	s.conns[c.slot].slot = c.slot
	s.conns[last] = nil
	s.conns = s.conns[:last]
	s.mu.Unlock()
}

func (s *shard) sweep(now int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		if c.readStamp.due(now) {
			c.expire(&c.readStamp, c.tcp.SetReadDeadline)
		}
		if c.writeStamp.due(now) {
			c.expire(&c.writeStamp, c.tcp.SetWriteDeadline)
		}
	}
}

// Period is how early or late a time-out by Now may come.
func (r *Reaper) Period() time.Duration { return r.period }

// Now is coarse monotonic time in nanoseconds, as exact as the period: reading
// it costs nothing.
func (r *Reaper) Now() int64 { return r.now.Load() }
