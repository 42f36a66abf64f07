package pool

import (
	"slices"

	"github.com/weirproxy/weir/core/http2"
)

// shared is a connection that carries several exchanges at once. The pool's
// lock guards it.
type shared struct {
	*http2.Client
	ends    Ends
	under   int   // exchanges under way
	dies    int64 // coarse time at which it is too old; 0 for never
	idle    int64 // coarse time since which no exchange is under way
	retired bool  // takes no more, and is closed behind its last exchange
}

// several are the connections of a pool that carry several exchanges, and what
// is known of them. One that is retired is not among them, nor counted against
// the pool's bound: its exchanges may go on for hours, and must not keep others
// from being opened.
type several struct {
	live     []*shared
	streams  int  // exchanges under way, over all
	retired  int  // connections that carry their last exchanges
	dials    int  // connections being opened, of any protocol
	expected bool // the next connection is thought to carry several
	breadth  int  // how many, by the last one
}

// enough says whether what is being opened will do for n who wait.
func (s *several) enough(n int) bool {
	return s.expected && s.dials > 0 && n <= s.dials*s.breadth
}

// count adds them to a pool's numbers.
func (s *several) count(to *Stats) {
	to.Open += s.retired
	to.Streams = s.streams
	for _, c := range s.live {
		if c.under == 0 {
			to.Idle++
		}
	}
}

// join begins an exchange on the least loaded connection that has room, or gives
// nil. The lock is held.
func (p *Pool) join(now int64) *Conn {
	for len(p.several.live) > 0 {
		s := p.several.pick()
		if s == nil {
			return nil
		}
		if !p.tooOld(s, now) {
			if x := s.Open(); x != nil {
				s.under++
				p.several.streams++
				return &Conn{Exchange: x, Ends: s.ends, via: s}
			}
		}
		p.retire(s)
	}
	return nil
}

// pick is the least loaded connection that has room, or nil.
func (s *several) pick() (best *shared) {
	for _, c := range s.live {
		if c.under < c.Limit() && (best == nil || c.under < best.under) {
			best = c
		}
	}
	return best
}

func (p *Pool) tooOld(s *shared, now int64) bool {
	return s.dies > 0 && now >= s.dies || s.under == 0 && now-s.idle > int64(p.opt.IdleTimeout)
}

// part ends an exchange of s. The lock is held.
func (p *Pool) part(s *shared) {
	p.several.streams--
	if s.under--; s.under > 0 {
		return
	}
	s.idle = p.opt.Reaper.Now()
	switch {
	case s.retired:
		p.several.retired--
		s.Close()
	case p.closed:
		p.retire(s)
	}
}

// retire lets s carry nothing new. The lock is held.
func (p *Pool) retire(s *shared) {
	i := slices.Index(p.several.live, s)
	if i < 0 {
		return
	}
	p.several.live = slices.Delete(p.several.live, i, i+1)
	p.open--
	s.retired = true
	if s.under > 0 {
		p.several.retired++
		return
	}
	s.Close()
}

// changed is told that s takes more or fewer exchanges than before, or none.
func (p *Pool) changed(s *shared) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.Limit() == 0 {
		p.retire(s)
	}
	p.serve()
}

// sweep retires what is too old. The lock is held.
func (s *several) sweep(p *Pool, now int64) {
	for i := len(s.live) - 1; i >= 0; i-- {
		if c := s.live[i]; p.tooOld(c, now) {
			p.retire(c)
		}
	}
}
