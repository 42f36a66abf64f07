// Package inprocess measures what filters cost without sockets: the time, fuel,
// host calls and allocations in the host of each phase of a stream.
//
// Start at [Plan].
package inprocess

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weirproxy/weir/bench/report"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/server"
	"github.com/weirproxy/weir/core/trial/rig"
	"github.com/weirproxy/weir/core/wasm"
)

// Plan is what is measured.
type Plan struct {
	Engine   *wasm.Engine
	Builtins server.Builtins
	Filters  map[string]config.Filter
	Chain    []string
	Request  rig.Request
	Response rig.Response
	Facts    rig.Facts
	Streams  int // of each round
	Rounds   int
}

// Figures are those of a row.
var Figures = []report.Figure{
	{Key: "ns_p50", Label: "ns p50", About: "half of the callbacks took at most that long, in nanoseconds"},
	{Key: "ns_p99", Label: "ns p99", About: "99 of 100 callbacks did"},
	{Key: "ns_mean", Label: "ns a request", About: "time of all callbacks, over the requests, in nanoseconds"},
	{Key: "fuel", Label: "fuel", About: "what the guest computed for a request, in units of its budget", Exact: true},
	{Key: "host_calls", Label: "host calls", About: "calls of the guest to the host, for a request", Exact: true},
	{Key: "allocs", Label: "allocations", About: "allocations in the host, for a request", Exact: true},
}

const (
	before = 200 // streams before those that count
	// between is how far the clock moves from one stream to the next, so that limits
	// recover.
	between = 10 * time.Millisecond
	// roundTime ends a round that has had fewer streams.
	roundTime = 10 * time.Second
)

// Measured is what was found.
type Measured struct {
	Rows []report.Row // one for each phase, and one for all, named after name
	Note string       // what is unusual about the streams, "" if all passed
}

// Measure takes streams through the chain. When ctx is over it gives the rounds
// until then, and the error.
func (p *Plan) Measure(ctx context.Context, name string) (*Measured, error) {
	meter := &rig.Meter{Phases: map[rig.Phase]*rig.Cost{}}
	r, err := rig.New(ctx, rig.Options{
		Engine: p.Engine, Builtins: p.Builtins, Filters: p.Filters, Chain: p.Chain, Start: time.Now().UTC(), Meter: meter,
	})
	if err != nil {
		return nil, fmt.Errorf("loading %s: %w", strings.Join(p.Chain, ", "), err)
	}
	defer r.Close()
	m := &Measured{}
	s := streams{plan: p, rig: r, ends: map[string]int{}}
	if _, err := s.run(before); err != nil {
		return m, err
	}
	clear(meter.Phases)
	meter.Counts = true
	counted, err := s.run(before)
	if err != nil {
		return m, err
	}
	meter.Counts = false
	t := newTally(name, meter, counted)
	for range p.Rounds {
		for _, c := range meter.Phases {
			c.Times = nil
		}
		n, err := s.run(p.Streams)
		if err != nil {
			m.Rows = t.rows()
			return m, err
		}
		t.round(n)
	}
	if s.allFail() {
		return m, fmt.Errorf("%s fails for every request, so there is nothing to measure: %s", name, s.why)
	}
	m.Rows, m.Note = t.rows(), s.note(name)
	return m, nil
}

// streams takes them through a rig.
type streams struct {
	plan *Plan
	rig  *rig.Rig
	ends map[string]int // how many ended how
	why  string         // the first that failed did
}

func (s *streams) run(most int) (n int, err error) {
	for by := time.Now().Add(roundTime); n < most && time.Now().Before(by); n++ {
		st := s.rig.Begin(s.plan.Request, s.plan.Response, s.plan.Facts)
		if err := s.rig.Settle(); err != nil {
			return n, err
		}
		s.ends[end(st)]++
		s.listen()
		st.Abort()
		if err := s.rig.Advance(between); err != nil {
			return n, err
		}
		s.rig.Forget()
	}
	return n, nil
}

// end says how a stream ended, "" if it passed.
func end(s *rig.Stream) string {
	switch state := s.State(); {
	case state != rig.Done:
		return "is " + string(state)
	case s.Failed:
		return fails + " (" + s.Details + ")"
	case s.Local:
		return "answers " + rig.All(s.Client.Head, ":status")[0] + " itself"
	}
	return ""
}

// listen keeps why a filter failed, the first time.
func (s *streams) listen() {
	if s.why != "" || s.rig.Log.Len() == 0 {
		return
	}
	for _, line := range s.rig.Log.Lines(0) {
		if line.Failure != "" && s.why == "" {
			s.why = line.Failure
		}
	}
}

// allFail says whether no stream came to its end, nor was answered by a filter.
func (s *streams) allFail() bool {
	for how := range s.ends {
		if !strings.HasPrefix(how, fails) {
			return false
		}
	}
	return true
}

// fails begins what is said of streams that failed.
const fails = "fails"

// note tells how streams ended that did not simply pass.
func (s *streams) note(name string) string {
	all := 0
	for _, n := range s.ends {
		all += n
	}
	var parts []string
	for _, how := range slices.Sorted(maps.Keys(s.ends)) {
		if how != "" {
			parts = append(parts, fmt.Sprintf("%s for %d of %d requests", how, s.ends[how], all))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return name + " " + strings.Join(parts, ", and ")
}
