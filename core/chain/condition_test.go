package chain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// to is met by requests for a path.
type to string

func (p to) Meets(h *stream.RequestHead) bool { return string(h.Path) == string(p) }

func conditional(f *fake, path string) *fake {
	f.only = to(path)
	return f
}

// goTo is a callback that changes the path.
func goTo(path string) callback {
	return func(p *part, _ bool) (filter.Action, error) {
		p.s.Request().Path = []byte(path)
		return filter.ActionContinue, nil
	}
}

func TestFiltersThatDoNotSeeTheRequest(t *testing.T) {
	var tr trace
	r := begin(t, nil, all("a", &tr, nil), conditional(all("b", &tr, nil), "/other"), conditional(all("c", &tr, nil), "/"))
	is(t, "head", r.head(filter.Request, false), chain.Passed)
	is(t, "body", r.feed(filter.Request, "hi", true), chain.Passed)
	is(t, "answer", r.head(filter.Response, false), chain.Passed)
	is(t, "answer body", r.feed(filter.Response, "yo", true), chain.Passed)
	r.finish()
	want := "a head|c head|a body hi end|c body hi end|c answer|a answer|c answer body yo end|a answer body yo end|a log|c log|a close|c close"
	is(t, "events", strings.Join(tr.events, "|"), want)
}

// A condition is asked when the head comes to the filter, as it is then.
func TestConditionsSeeWhatFiltersBeforeMade(t *testing.T) {
	var tr trace
	mover := all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: goTo("/new")})
	r := begin(t, nil, conditional(mover, "/"), conditional(all("b", &tr, nil), "/"), conditional(all("c", &tr, nil), "/new"))
	is(t, "head", r.head(filter.Request, true), chain.Passed)
	r.finish()
	is(t, "events", strings.Join(tr.events, "|"), "a head end|c head end|a log|c log|a close|c close")
}

func TestConditionsAreNotAskedBehindAReply(t *testing.T) {
	var tr trace
	stop := all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: func(p *part, _ bool) (filter.Action, error) {
		return filter.ActionPause, p.s.Reply(filter.Reply{Status: 403, GRPC: -1})
	}})
	r := begin(t, nil, stop, conditional(all("b", &tr, nil), "/"))
	is(t, "head", r.head(filter.Request, true), chain.Replied)
	status, _ := r.answer()
	is(t, "status", status, 403)
	r.finish()
	is(t, "events", strings.Join(tr.events, "|"), "a head end|a answer end|a log|a close")
}

// Parts of a group know each other, whichever of them came first.
func TestLateFiltersOfAGroup(t *testing.T) {
	var tr trace
	a, b := conditional(all("a", &tr, nil), "/"), all("b", &tr, nil)
	a.group, b.group = "vm", "vm"
	r := begin(t, nil, a, b)
	r.head(filter.Request, true)
	is(t, "a's peer", a.part.peer, b.part)
	is(t, "b's peer", b.part.peer, nil)
	r.finish()
}

func TestLateFilterCannotBeAttached(t *testing.T) {
	for _, tt := range []struct {
		onError filter.OnError
		verdict chain.Verdict
		events  string
	}{
		{filter.FailClosed, chain.Replied, "a log|a close|b close"},
		{filter.FailOpen, chain.Passed, "a log|c log|a close|b close|c close"},
	} {
		var tr trace
		quiet := func(name string) *fake { return &fake{name: name, t: &tr} }
		b := conditional(quiet("b"), "/")
		b.refuse, b.onError = fault.New(fault.GuestUnavailable, "", errors.New("none left")), tt.onError
		r := begin(t, nil, quiet("a"), b, conditional(quiet("c"), "/"))
		is(t, "head", r.head(filter.Request, true), tt.verdict)
		if tt.verdict == chain.Replied {
			status, _ := r.answer()
			is(t, "status", status, 503)
		}
		r.finish()
		is(t, "events", strings.Join(tr.events, "|"), tt.events)
	}
}

func TestTakesCountsFiltersThatSeeTheRequest(t *testing.T) {
	for path, want := range map[string]bool{"/": true, "/other": false} {
		var tr trace
		r := begin(t, nil, conditional(all("a", &tr, nil), path), &fake{name: "b", t: &tr})
		r.head(filter.Request, true)
		is(t, path, r.Takes(filter.PhaseResponseBody), want)
		r.finish()
	}
}
