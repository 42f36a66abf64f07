package explain

import (
	"slices"
	"strings"
	"sync"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/route"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trial/rig"
)

// recorder notes what filters do. It sits between the chain and each filter, so
// that both are the real ones.
type recorder struct {
	masks *masks
	seats []*seat

	mu    sync.Mutex
	now   *Step // under way
	early []Call
	limit bool // steps were left out

	wishes stream.Wishes // of all filters
}

// maxSteps bounds what is kept of a filter that does not come to rest.
const maxSteps = 100

// seat is a filter's place: a filter.Filter around the filter, and a
// chain.Condition around its condition.
type seat struct {
	filter.Filter
	rec       *recorder
	link      *config.Link
	condition chain.Condition
	report    Filter
}

// phases are those of callbacks and edits, where a filter tells.
type phases interface {
	Called() filter.Phases
	Edits() filter.Phases
}

// sit is the server.Seat of a chain whose filters are watched.
func (r *recorder) sit(l *config.Link, c chain.Link) chain.Link {
	s := &seat{Filter: c.Filter, rec: r, link: l, condition: c.Condition}
	s.report = Filter{Name: l.Name, Seen: "not reached", Steps: []Step{}}
	if c.Filter.Phases() == 0 {
		s.report.Seen = "no phase"
	}
	r.seats = append(r.seats, s)
	c.Filter = s
	if c.Condition != nil {
		c.Condition = s
	}
	return c
}

// Meets implements chain.Condition.
func (s *seat) Meets(h *stream.RequestHead) bool {
	met := s.condition.Meets(h)
	if s.report.Seen = "no"; met {
		s.report.Seen = "yes"
	}
	if s.link.When != nil {
		checks, like := route.JudgeMatch(s.link.When, h)
		if met && !like {
			readOtherwise(checks, true)
		}
		s.report.When = s.rec.checks(checks)
	}
	if s.link.Unless != nil {
		checks, like := route.JudgeMatch(s.link.Unless, h)
		if met && like {
			readOtherwise(checks, false)
		}
		s.report.Unless = s.rec.checks(checks)
	}
	return met
}

// readOtherwise says that a filter that guards something went by how an upstream may
// read the path.
func readOtherwise(checks []route.Check, met bool) {
	for i := range checks {
		if c := &checks[i]; c.Of == "path" {
			c.Asks, c.Met = c.Asks+", as upstreams may read it", met
		}
	}
}

// Attach implements filter.Filter.
func (s *seat) Attach(st filter.Stream, peer filter.Part) (filter.Part, error) {
	p := &part{seat: s, stream: st}
	if o, ok := peer.(*part); ok {
		peer = o.Part
	}
	var err error
	p.Part, err = s.Filter.Attach(view{st, p}, peer)
	return p, err
}

// checks are a match's, for people.
func (r *recorder) checks(list []route.Check) []Check {
	out := make([]Check, len(list))
	for i, c := range list {
		out[i] = Check{c.Of, c.Name, c.Asks, c.Met}
		if c.Name != "" {
			out[i].Asks = r.masks.asks(c.Name, c.Asks)
		}
	}
	return out
}

// called notes a call, which belongs to the step under way.
func (r *recorder) called(c *rig.Call, answer string) {
	head := func(name string) string { return strings.Join(rig.All(c.Head, name), ", ") }
	call := Call{c.Cluster, head(":method"), r.masks.path(head(":path")), answer}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now == nil {
		r.early = append(r.early, call)
		return
	}
	r.now.Calls = append(r.now.Calls, call)
}

// begin begins a step of a seat.
func (r *recorder) begin(s *seat, st filter.Stream, phase string) (before state) {
	r.mu.Lock()
	r.now = &Step{Phase: phase, By: "callback", Verdict: "continue", Changes: []Change{}}
	r.mu.Unlock()
	return stateOf(st)
}

// end ends it. One that says nothing is left out where quiet.
func (r *recorder) end(s *seat, st filter.Stream, before state, quiet bool) {
	after := stateOf(st)
	r.mu.Lock()
	defer r.mu.Unlock()
	step := r.now
	r.now, r.wishes = nil, after.wishes
	step.Changes = slices.Concat(before.changes(&after, r.masks), step.Changes)
	if quiet && step.Verdict == "continue" && len(step.Changes)+len(step.Calls) == 0 {
		return
	}
	if len(s.report.Steps) >= maxSteps {
		r.limit = true
		return
	}
	s.report.Steps = append(s.report.Steps, *step)
}

// note changes the step under way, if there is one.
func (r *recorder) note(do func(*Step)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.now != nil {
		do(r.now)
	}
}
