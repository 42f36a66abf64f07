package chain

import (
	"sync"
	"sync/atomic"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// Owner is who a stream's filters ask about the world around the chain.
type Owner interface {
	// SetCluster overrides the cluster; false for an unknown name.
	SetCluster(name string) bool
	// ClearRoute has the route matched again.
	ClearRoute()
}

// Out is what has passed all filters in one direction. The owner sends it on
// and sets it to zero before it feeds more.
type Out struct {
	Head     bool   // the head passed just now
	Data     []byte // valid until the next call of the stream in this direction
	End      bool   // nothing follows
	Trailers bool   // trailers passed: see Stream.Trailers
}

// direction is a stream's state in one direction.
type direction struct {
	out      Out
	seats    int  // filters that take part: those that the request entered
	passed   bool // the head passed all of them
	ended    bool // so did the message's end
	sent     bool // the owner sent it on
	headEnd  bool // the message is a head alone
	trailers *stream.Headers
	late     bool // a last body callback runs: trailers may be added
	recoded  bool // a coder makes another body of it

	gathering bool // trailers are on their way: see pass
	gathered  []byte
}

// Stream is one request and its response on their way through a chain. Reuse
// one after Finish: it keeps its memory.
type Stream struct {
	mu      sync.Mutex
	waiters int // owners that wait; guarded by mu
	bells   [2]bell
	readers [2]Interrupter

	owner    Owner
	chain    *Chain
	seats    []seat
	dir      [2]direction
	info     stream.Info
	request  stream.RequestHead
	response stream.ResponseHead
	reached  int  // filters that the request's head came to
	answered bool // response holds a head

	phase    filter.Phases
	callee   *seat          // whose callback runs
	current  *stream.Buffer // the body that the running callback sees
	curDir   filter.Direction
	bodiless bool // the head whose callback runs ends its message

	reply   reply
	cut     bool
	faulted bool
	fault   fault.Kind // the first of Refuse
	watched bool
	props   properties
	lostMu  sync.Mutex
	lost    []lostPart
	hasLost atomic.Bool
	logging bool

	added [2]stream.Headers // trailers that filters made
}

type lostPart struct {
	part filter.Part
	err  error
}

// NewStream makes one, to be used many times.
func NewStream() *Stream {
	s := &Stream{}
	for i := range s.bells {
		s.bells[i].ring = make(chan struct{}, 1)
	}
	return s
}

// Begin starts a stream, taking its lock. The request head and Info are
// filled in by then.
func (s *Stream) Begin(c *Chain, owner Owner) {
	s.mu.Lock()
	s.owner, s.chain = owner, c
	n := len(c.links)
	if cap(s.seats) < n {
		s.seats = make([]seat, n)
	}
	s.seats = s.seats[:n]
	for i := range s.seats {
		s.seats[i].link = &c.links[i]
	}
	for i := range s.seats {
		if s.seats[i].link.Condition != nil {
			s.seats[i].absent = true // until the head comes to it
			continue
		}
		s.attach(i)
	}
	s.dir[filter.Request].seats = n
}

// arrive takes the request's head to a filter that sees some requests alone.
// One that does not see this has no part in the stream.
func (s *Stream) arrive(i int) {
	if st := &s.seats[i]; st.absent && st.link.Condition.Meets(&s.request) {
		st.absent = false
		s.attach(i)
	}
}

func (s *Stream) attach(i int) {
	st := &s.seats[i]
	part, err := st.link.Filter.Attach(s, s.peer(i))
	st.part = part
	if err != nil {
		s.lose(i, err)
	}
}

// Takes says whether any filter that sees the request takes part in one of the
// phases p. It is known once the request's head has passed.
func (s *Stream) Takes(p filter.Phases) bool {
	if !s.chain.Takes(p) {
		return false
	}
	for i := range s.seats {
		if st := &s.seats[i]; !st.absent && st.link.phases&p != 0 {
			return true
		}
	}
	return false
}

// peer is the part of another filter of the same group: those that see some
// requests alone come after those behind them.
func (s *Stream) peer(i int) filter.Part {
	g := s.seats[i].link.group
	if g == nil {
		return nil
	}
	for j := range s.seats {
		if o := &s.seats[j]; j != i && o.part != nil && o.link.group == g {
			return o.part
		}
	}
	return nil
}

// lose notes that a filter cannot serve this stream. What follows for the
// stream is decided where it meets the filter.
func (s *Stream) lose(i int, err error) {
	st := &s.seats[i]
	st.failed = true
	s.info.Flags |= stream.FlagFilterFailed
	if st.link.OnError == filter.FailClosed && !s.logging {
		s.blame(st.link.Filter.Name())
		s.Refuse(kindOf(err))
	}
}

func kindOf(err error) fault.Kind {
	if k := fault.KindOf(err); k != fault.Unknown {
		return k
	}
	return fault.GuestTrap
}

// Log lets every filter log, in the request's order. Nothing can be changed
// any more.
func (s *Stream) Log() {
	s.logging = true
	s.phase = filter.PhaseLog
	for i := range s.seats {
		if st := &s.seats[i]; st.part != nil && st.takes(filter.PhaseLog) {
			st.part.Log()
		}
	}
	s.phase = 0
}

// Finish ends the stream after Log: every part is closed, in the request's
// order, and the lock let go.
func (s *Stream) Finish() {
	s.closeCoders()
	for i := range s.seats {
		if p := s.seats[i].part; p != nil {
			p.Close()
		}
	}
	for i := range s.seats {
		s.seats[i].reset()
	}
	s.clear()
	s.mu.Unlock()
}

// clear makes the stream ready for another use.
func (s *Stream) clear() {
	s.seats = s.seats[:0]
	s.owner, s.chain = nil, nil
	s.dir = [2]direction{}
	s.info = stream.Info{}
	s.request.Reset()
	s.response.Reset()
	s.answered, s.logging, s.cut, s.reached = false, false, false, 0
	s.fault, s.faulted, s.watched = 0, false, false
	s.phase, s.callee, s.current = 0, nil, nil
	s.readers = [2]Interrupter{}
	s.reply.reset()
	s.props.reset()
	if s.hasLost.Load() {
		s.lostMu.Lock()
		s.lost = s.lost[:0]
		s.hasLost.Store(false)
		s.lostMu.Unlock()
	}
	for i := range s.added {
		if s.added[i].Len() > 0 {
			s.added[i].Reset()
		}
	}
	for i := range s.bells {
		if len(s.bells[i].ring) > 0 {
			<-s.bells[i].ring
		}
	}
}
