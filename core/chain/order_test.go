package chain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
)

func TestRequestGoesFirstToLastAndTheResponseBack(t *testing.T) {
	var tr trace
	r := begin(t, nil, all("a", &tr, nil), all("b", &tr, nil))
	is(t, "head", r.head(filter.Request, false), chain.Passed)
	is(t, "body", r.feed(filter.Request, "hi", false), chain.Passed)
	is(t, "trailers", r.trailers(filter.Request, "x"), chain.Passed)
	is(t, "answer", r.head(filter.Response, false), chain.Passed)
	is(t, "answer body", r.feed(filter.Response, "yo", true), chain.Passed)
	r.finish()
	want := "a head|b head|a body hi|b body hi|a trailers |b trailers |b answer|a answer|b answer body yo end|a answer body yo end|" +
		"a log|b log|a close|b close"
	if got := strings.Join(tr.events, "|"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	is(t, "request", r.out[filter.Request].String(), "head hi [x] end")
	is(t, "response", r.out[filter.Response].String(), "head yo end")
}

func TestPhasesAFilterDoesNotTakePartInPassIt(t *testing.T) {
	var tr trace
	body := &fake{name: "body", t: &tr, on: map[filter.Phases]callback{filter.PhaseRequestBody: nil}}
	none := &fake{name: "log", t: &tr}
	r := begin(t, nil, body, none)
	r.head(filter.Request, false)
	r.feed(filter.Request, "a", false)
	r.trailers(filter.Request, "x")
	r.head(filter.Response, true)
	r.finish()
	is(t, "events", strings.Join(tr.events, "|"), "body body a|body log|log log|body close|log close")
	is(t, "request", r.out[filter.Request].String(), "head a [x] end")
}

func TestFiltersOfAGroupAreGivenEachOthersParts(t *testing.T) {
	var tr trace
	a, b, c, d := all("a", &tr, nil), all("b", &tr, nil), all("c", &tr, nil), all("d", &tr, nil)
	a.group, c.group = "vm", "vm"
	r := begin(t, nil, a, b, c, d)
	is(t, "a's peer", a.part.peer, nil)
	is(t, "b's peer", b.part.peer, nil)
	is(t, "c's peer", c.part.peer, a.part)
	is(t, "d's peer", d.part.peer, nil)
	r.finish()
}

func TestWhatAStreamShowsInEachPhase(t *testing.T) {
	var tr trace
	type look struct {
		phase                filter.Phases
		request, response    bool // the head can be written
		requestBody, answers bool // the body can be seen
		response2            bool // there is a response
		added                bool // trailers can be added
	}
	var got []look
	see := func(d filter.Direction) callback {
		return func(p *part, _ bool) (filter.Action, error) {
			got = append(got, look{p.s.Phase(), p.s.HeadWritable(filter.Request), p.s.HeadWritable(filter.Response),
				p.s.Body(p, filter.Request) != nil, p.s.Body(p, filter.Response) != nil, p.s.Response() != nil, p.s.AddTrailers(d) != nil})
			return filter.ActionContinue, nil
		}
	}
	rq, rs := filter.Request, filter.Response
	a := all("a", &tr, map[filter.Phases]callback{
		filter.PhaseRequestHeaders: see(rq), filter.PhaseRequestBody: see(rq), filter.PhaseRequestTrailers: see(rq),
		filter.PhaseResponseHeaders: see(rs), filter.PhaseResponseBody: see(rs), filter.PhaseResponseTrailers: see(rs),
	})
	r := begin(t, nil, a)
	r.head(rq, false)
	r.feed(rq, "x", false)
	r.feed(rq, "y", true)
	r.head(rs, false)
	r.feed(rs, "z", false)
	r.trailers(rs, "t")
	is(t, "phase between callbacks", r.Phase(), 0)
	is(t, "body between callbacks", r.Body(nil, rs), nil)
	r.finish()
	want := []look{
		{filter.PhaseRequestHeaders, true, false, false, false, false, false},
		{filter.PhaseRequestBody, false, false, true, false, false, false},
		{filter.PhaseRequestBody, false, false, true, false, false, true},
		{filter.PhaseResponseHeaders, false, true, false, false, true, false},
		{filter.PhaseResponseBody, false, false, false, true, true, false},
		{filter.PhaseResponseTrailers, false, false, false, true, true, true},
	}
	if len(got) != len(want) {
		t.Fatalf("%d callbacks, want %d", len(got), len(want))
	}
	for i := range want {
		is(t, tr.events[i], got[i], want[i])
	}
}

// Trailers that a filter adds in the last body callback go out, and filters
// behind it see them as if they had come from the peer.
func TestTrailersAddedInTheLastBodyCallback(t *testing.T) {
	for _, d := range []filter.Direction{filter.Request, filter.Response} {
		var tr trace
		add := func(p *part, end bool) (filter.Action, error) {
			if h := p.s.AddTrailers(d); (h != nil) != end {
				t.Errorf("trailers can be added: %v, at the end: %v", h != nil, end)
			} else if h != nil {
				h.AddString("x-sum", "1")
			}
			return filter.ActionContinue, nil
		}
		on := map[filter.Phases]callback{filter.PhaseRequestBody: add, filter.PhaseResponseBody: add}
		a, b := all("a", &tr, on), all("b", &tr, nil)
		if d == filter.Response {
			a, b = b, a
		}
		r := begin(t, nil, a, b)
		r.head(filter.Request, d == filter.Response)
		if d == filter.Response {
			r.head(d, false)
		}
		r.feed(d, "x", false)
		tr.events = nil
		is(t, "verdict", r.feed(d, "y", true), chain.Passed)
		is(t, "out", r.out[d].String(), "head xy [x-sum] end")
		want := []string{"a body y end|b body y|b trailers ", "a answer body y end|b answer body y|b answer trailers "}[d]
		is(t, "events", strings.Join(tr.events, "|"), want)
		r.finish()
	}
}

func TestRouteClusterAndProperties(t *testing.T) {
	var tr trace
	r := begin(t, nil, all("a", &tr, nil))
	is(t, "a known cluster", r.SetCluster("up"), true)
	is(t, "an unknown cluster", r.SetCluster("unknown"), false)
	r.Stream.ClearRoute()
	is(t, "routes cleared", r.cleared, 1)
	r.Sent(filter.Request)
	r.Stream.ClearRoute()
	is(t, "routes cleared after the head was sent", r.cleared, 1)

}

var errBroken = errors.New("broken")
