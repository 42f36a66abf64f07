package circuit

import (
	"sync"
	"time"

	"github.com/weirproxy/weir/core/failure"
)

// State is that of a circuit.
type State uint8

// The states. Values are part of the foreign function's encoding.
const (
	Closed State = iota
	Open
	HalfOpen
)

// Transition is a change of a circuit's state.
type Transition uint8

// The transitions.
const (
	Opened Transition = iota
	HalfOpened
	HasClosed
	// NumTransitions is how many there are.
	NumTransitions = iota
	// None stands for no change.
	None Transition = NumTransitions
)

var transitions = [...]string{"opened", "half-opened", "closed", "none"}

// String is the transition's name in logs.
func (t Transition) String() string { return transitions[t] }

// Outcome is how a request ended.
type Outcome uint8

// The outcomes.
const (
	// Ignored says nothing of the upstream: it only gives a probe's place back.
	Ignored Outcome = iota
	Good
	Bad
)

// circuit is the state of one key.
type circuit struct {
	mu     sync.Mutex
	state  State
	term   uint32 // of the state: what was let through in an earlier one counts no more
	streak uint32 // errors in a row
	window failure.Window
	until  int64         // open: when the first probe may go
	span   time.Duration // how long it was open last
	since  int64         // closed: from when on
	probes uint32        // half-open: on their way
	good   uint32        // half-open: that came back well
	lease  int64         // half-open: when the probes are given up
	used   int64
}

// enter decides over a request.
func (c *circuit) enter(p *Policy, now int64) (d Decision, t Transition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used, t = now, None
	switch c.state {
	case Closed:
		return Decision{Allowed: true, State: Closed, Permit: Permit{circuit: c, term: c.term}}, t
	case Open:
		if now < c.until {
			return Decision{State: Open, Retry: time.Duration(c.until - now)}, t
		}
		c.turn(HalfOpen)
		t = HalfOpened
	}
	if c.probes+c.good >= p.Probes && now >= c.lease {
		c.turn(HalfOpen) // none came back in time: others take their places
	}
	if c.probes+c.good >= p.Probes {
		return Decision{State: HalfOpen}, t
	}
	c.probes++
	c.lease = now + int64(p.Open)
	return Decision{Allowed: true, State: HalfOpen, Permit: Permit{circuit: c, term: c.term, Probe: true}}, t
}

// turn begins a new term.
func (c *circuit) turn(s State) {
	c.state = s
	c.term++
	c.streak, c.probes, c.good = 0, 0, 0
	c.window = failure.Window{}
}

// end counts how a request of a term ended.
func (c *circuit) end(term uint32, o Outcome, p *Policy, now int64) Transition {
	c.mu.Lock()
	defer c.mu.Unlock()
	if term != c.term {
		return None
	}
	if c.state == HalfOpen {
		return c.endProbe(o, p, now)
	}
	switch o {
	case Ignored:
		return None
	case Good:
		c.streak = 0
	default:
		c.streak++
	}
	if p.Percent > 0 {
		t := failure.Tally{All: 1}
		if o == Bad {
			t.Bad = 1
		}
		c.window.Add(t, p.Window, now)
	}
	if o == Bad && c.tripped(p) {
		return c.open(p, now)
	}
	return None
}

func (c *circuit) tripped(p *Policy) bool {
	s := &c.window.Sum
	return p.Consecutive > 0 && c.streak >= p.Consecutive ||
		p.Percent > 0 && s.All >= uint64(p.Minimum) && s.Bad*100 >= s.All*uint64(p.Percent)
}

func (c *circuit) endProbe(o Outcome, p *Policy, now int64) Transition {
	c.probes--
	switch o {
	case Bad:
		return c.open(p, now)
	case Good:
		if c.good++; c.good >= p.Probes {
			c.turn(Closed)
			c.since = now
			return HasClosed
		}
	}
	return None
}

// open keeps all away, for longer than last time unless it went well in between
// for as long.
func (c *circuit) open(p *Policy, now int64) Transition {
	span := p.Open
	if c.span > 0 && (c.state == HalfOpen || now-c.since < int64(c.span)) {
		span = min(max(c.span*time.Duration(p.Growth)/100, p.Open), p.Longest)
	}
	c.turn(Open)
	c.span, c.until = span, now+int64(span)
	return Opened
}
