package trial

import (
	"fmt"
	"strings"

	"github.com/weirproxy/weir/core/trial/rig"
)

// judge compares what there is after a step with what the step expects.
func (t *try) judge(s *stepTable, current *rig.Stream) {
	e, key := &s.Expect, s.key+".expect"
	m := &matcher{}
	if current != nil {
		m.stream(key, e, current)
	}
	log := t.rig.Log.Lines(t.lines)
	calls := t.rig.Calls(t.calls)
	m.logs(e.Logs, e.NoLogs, log)
	if e.Calls != nil {
		m.calls(key+".calls", *e.Calls, calls)
	}
	m.metrics(e.Metrics, t.rig)
	m.shared(key, e, t.rig, t.name())
	for _, d := range m.found {
		t.add(d.key, d.expected, d.found, "")
	}
	t.failed(s, current, log)
	for _, c := range calls {
		if !c.Fits {
			t.add(s.key, "", "", fmt.Sprintf("no reply fits the call %s; add one: [[cases.replies]] with cluster = %q", c.String(), c.Cluster))
		}
	}
}

// name is that of the filter under test, or of the first.
func (t *try) name() string {
	for _, n := range t.c.chain {
		if n == tested {
			return n
		}
	}
	return t.c.chain[0]
}

// failed finds filters that failed though the step does not expect it, and the
// other way round.
func (t *try) failed(s *stepTable, current *rig.Stream, log []rig.Line) {
	want := &s.Expect.Trap
	var seen []string
	for _, l := range log {
		if l.Failure != "" {
			seen = append(seen, fmt.Sprintf("filter %q: %s", l.Filter, l.Failure))
		}
	}
	if current != nil && current.Failed && !t.failures[current] {
		t.failures[current] = true
		if len(seen) == 0 {
			seen = append(seen, "there was no instance for the stream: "+current.Details)
		}
	}
	switch {
	case !want.set && len(seen) > 0:
		t.add(s.key, "", "", "a filter failed: "+strings.Join(seen, "; ")+t.said(log))
	case want.set && len(seen) == 0:
		t.add(want.key, "a failure: "+want.String(), "none", "")
	case want.set:
		for _, f := range seen {
			if want.fits(f) {
				return
			}
		}
		t.add(want.key, want.String(), lines(seen), "")
	}
}

// stream compares what came of the stream so far.
func (m *matcher) stream(key string, e *expectTable, s *rig.Stream) {
	side := func(name string, want *wantMessage, got *rig.Seen) {
		switch {
		case want == nil:
		case got == nil:
			m.add(key+"."+name, "a message there", "nothing got there: the stream is "+string(s.State()))
		default:
			m.message(key+"."+name, want, got)
		}
	}
	side("upstream", e.Upstream, s.Upstream)
	side("client", e.Client, s.Client)
	if e.Local != nil && *e.Local != s.Local {
		m.add(key+".local", fmt.Sprint(*e.Local), fmt.Sprint(s.Local))
	}
	if reached := s.Upstream != nil; e.Reached != nil && *e.Reached != reached {
		m.add(key+".reached", fmt.Sprint(*e.Reached), fmt.Sprint(reached))
	}
	m.text(&e.Details, s.Details)
	if e.State != nil && *e.State != string(s.State()) {
		m.add(key+".state", quote(*e.State), quote(string(s.State())))
	}
	m.text(&e.Cluster, s.Cluster)
	if e.RouteCleared != nil && *e.RouteCleared != s.Cleared {
		m.add(key+".route_cleared", fmt.Sprint(*e.RouteCleared), fmt.Sprint(s.Cleared))
	}
	properties := s.Properties()
	m.values(e.Properties, properties)
	for i, name := range e.Unset {
		if v := rig.All(properties, name); len(v) > 0 {
			m.add(fmt.Sprintf("%s.unset[%d]", key, i), "no property "+quote(name), quotes(v))
		}
	}
}
