package rig

import (
	"strings"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// State is what a stream is about.
type State string

// The states.
const (
	Done           State = "done"
	Reset          State = "reset"           // the client sees it end
	Aborted        State = "aborted"         // the client went away
	PausedRequest  State = "paused request"  // a filter holds something of it
	PausedResponse State = "paused response" // the same
	Waiting        State = "waiting"         // for more of a message
)

// Stream is a request on its way, and what came of it.
type Stream struct {
	Upstream *Seen // nil while nothing got there
	Client   *Seen // the same
	Local    bool  // it was answered here
	Failed   bool  // a filter did
	Details  string
	Cluster  string // chosen by a filter
	Cleared  bool   // a filter asked for the route to be matched again

	rig      *Rig
	st       *chain.Stream
	response Response
	feeds    [2]feed
	state    State // empty while it is under way
	props    []Field
}

// Begin takes a request into the chain. It gets as far as it can at the next
// Settle or Advance.
func (r *Rig) Begin(in Request, out Response, f Facts) *Stream {
	s := &Stream{rig: r, st: r.take(), response: out}
	r.last++
	s.fill(&in, &f)
	s.feeds[filter.Request] = newFeed(r.Clock, &in.Message)
	s.st.Begin(r.chain, s)
	for _, p := range f.Properties {
		s.st.SetProperty(path(p.Name), []byte(p.Value))
	}
	s.park()
	r.open = append(r.open, s)
	return s
}

// take is a chain's stream, used before or new.
func (r *Rig) take() *chain.Stream {
	n := len(r.free)
	if n == 0 {
		return chain.NewStream()
	}
	st := r.free[n-1]
	r.free = r.free[:n-1]
	return st
}

// fill makes the stream's head and facts.
func (s *Stream) fill(in *Request, f *Facts) {
	h := s.st.Request()
	h.Method, h.Path = []byte(in.Method), []byte(in.Path)
	h.Authority, h.Scheme, h.Version = []byte(in.Authority), []byte(in.Scheme), stream.HTTP11
	add(&h.Headers, in.Fields)
	i := s.st.Info()
	i.ID, i.Conn, i.Start = s.rig.last, s.rig.last, s.rig.Clock.Now()
	i.Source, i.Destination, i.Upstream, i.Client = f.Source, f.Destination, f.Upstream, f.Client
	i.Listener, i.Route, i.Cluster, i.Node = f.Listener, f.Route, f.Cluster, s.rig.node
	i.Endpoints = f.Endpoints
	i.RouteMetadata, i.ClusterMetadata = f.RouteMetadata, f.ClusterMetadata
	i.Version, i.TLS, i.RequestHead = stream.HTTP11, f.TLS, h.Headers.Size()
}

// path is a property's, as filters name it: parts that dots divide. Ours are
// one part.
func path(name string) string {
	if strings.HasPrefix(name, "weir.") {
		return name
	}
	return strings.ReplaceAll(name, ".", "\x00")
}

// SetCluster and ClearRoute are the owner's of a chain's stream.
func (s *Stream) SetCluster(name string) bool {
	if ok := s.rig.opt.Cluster; ok != nil && !ok(name) {
		return false
	}
	s.Cluster = name
	s.st.Info().Cluster = name
	return true
}

// ClearRoute takes note.
func (s *Stream) ClearRoute() { s.Cleared = true }

// Interrupt is the stream's Interrupter: nobody reads.
func (s *Stream) Interrupt() {}

// park lets go of the stream, so that timers and answers may hold it.
func (s *Stream) park() { s.st.Idle(filter.Request, s) }

// over says that nothing more will happen.
func (s *Stream) over() bool { return s.state != "" }

// State is what the stream is about now.
func (s *Stream) State() State {
	if s.over() {
		return s.state
	}
	s.st.Busy(filter.Request)
	defer s.park()
	switch {
	case s.feeds[filter.Response].begun() && s.st.Holding(filter.Response):
		return PausedResponse
	case s.st.Holding(filter.Request) && !s.feeds[filter.Request].stopped:
		return PausedRequest
	}
	return Waiting
}

// Properties are those that filters have set by now, their paths' parts
// divided by dots.
func (s *Stream) Properties() []Field {
	if s.over() {
		return s.props
	}
	s.st.Busy(filter.Request)
	defer s.park()
	return s.properties()
}

func (s *Stream) properties() (list []Field) {
	s.st.EachProperty("", func(path string, value []byte) {
		list = append(list, Field{strings.ReplaceAll(path, "\x00", "."), string(value)})
	})
	return list
}

// Abort has the client go away.
func (s *Stream) Abort() {
	if s.over() {
		return
	}
	s.st.Busy(filter.Request)
	s.st.Refuse(fault.ClientGone)
	s.end(Aborted)
}

// end is the stream's end. It is held.
func (s *Stream) end(state State) {
	s.Failed = s.st.Info().Flags&stream.FlagFilterFailed != 0
	done := s.rig.opt.Meter.enter(PhaseLog)
	s.st.Log()
	done()
	s.Details, s.Local = s.st.Info().Details, s.st.Local()
	s.props = s.properties()
	s.state = state
	done = s.rig.opt.Meter.enter(PhaseEnd)
	s.st.Finish()
	done()
	s.rig.free = append(s.rig.free, s.st)
	s.st = nil
}

// work does what can be done now, and says whether there was anything.
func (s *Stream) work() bool {
	if s.over() {
		return false
	}
	s.st.Busy(filter.Request)
	moved := false
	for !s.over() && s.step() {
		moved = true
	}
	if !s.over() {
		s.Failed, s.Details = s.st.Info().Flags&stream.FlagFilterFailed != 0, s.st.Info().Details
		s.park()
	}
	return moved
}
