package chain_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

func fieldsOf(nv ...string) *stream.Headers {
	h := new(stream.Headers)
	for i := 0; i < len(nv); i += 2 {
		h.AddString(nv[i], nv[i+1])
	}
	return h
}

// run feeds a whole exchange and stops at the first verdict that ends it.
func run(r *rig) chain.Verdict {
	r.t.Helper()
	for _, do := range []func() chain.Verdict{
		func() chain.Verdict { return r.head(filter.Request, false) },
		func() chain.Verdict { return r.feed(filter.Request, "rq", false) },
		func() chain.Verdict { return r.trailers(filter.Request, "t") },
		func() chain.Verdict { return r.head(filter.Response, false) },
		func() chain.Verdict { return r.feed(filter.Response, "rs", false) },
		func() chain.Verdict { return r.trailers(filter.Response, "t") },
	} {
		if v := do(); v > chain.Held {
			return v
		}
	}
	return chain.Passed
}

// A filter that fails closed ends the stream wherever that happens, and lets
// nothing through that it had not let through before; one that fails open is
// as if it were not there.
func TestFilterFailsInEachPhase(t *testing.T) {
	out := map[filter.Phases]string{
		filter.PhaseRequestHeaders: "", filter.PhaseRequestBody: "head ", filter.PhaseRequestTrailers: "head rq",
	}
	for phase := filter.PhaseRequestHeaders; phase < filter.PhaseLog; phase <<= 1 {
		for _, policy := range []filter.OnError{filter.FailClosed, filter.FailOpen} {
			var tr trace
			a := all("a", &tr, map[filter.Phases]callback{phase: fails(errBroken)})
			a.onError = policy
			r := begin(t, nil, a, all("b", &tr, nil))
			v := run(r)
			if policy == filter.FailOpen {
				is(t, "verdict", v, chain.Passed)
				is(t, "request", r.out[filter.Request].String(), "head rq [t] end")
				is(t, "response", r.out[filter.Response].String(), "head rs [t] end")
			} else {
				is(t, "verdict", v, chain.Replied)
				if want, ok := out[phase]; ok {
					is(t, "request", r.out[filter.Request].String(), want)
				}
				status, _ := r.answer()
				is(t, "status", status, 503)
				kind, _ := r.Refused()
				is(t, "kind", kind, fault.GuestTrap)
			}
			is(t, "flags", r.Info().Flags&stream.FlagFilterFailed != 0, true)
			r.finish()
			calls := 0
			for _, e := range tr.events {
				if strings.HasPrefix(e, "a ") && !strings.HasSuffix(e, "close") {
					calls++
				}
			}
			is(t, fmt.Sprintf("calls of a filter that failed in phase %b", phase), calls, bitsBelow(phase))
			is(t, "closed", a.part.closed, 1)
		}
	}
}

// bitsBelow is how many callbacks there were up to phase.
func bitsBelow(phase filter.Phases) (n int) {
	for p := filter.PhaseRequestHeaders; p <= phase; p <<= 1 {
		n++
	}
	return n
}

func TestFilterFailsWhenTheResponseIsOnItsWay(t *testing.T) {
	var tr trace
	r := begin(t, nil, all("a", &tr, map[filter.Phases]callback{filter.PhaseResponseBody: fails(errBroken)}))
	r.head(filter.Request, true)
	r.head(filter.Response, false)
	r.Sent(filter.Response)
	is(t, "verdict", r.feed(filter.Response, "x", false), chain.Cut)
	is(t, "out", r.out[filter.Response].data, "")
	r.finish()
}

func TestFilterCannotBeAttached(t *testing.T) {
	for _, policy := range []filter.OnError{filter.FailClosed, filter.FailOpen} {
		var tr trace
		a := all("a", &tr, nil)
		a.refuse, a.onError = fault.New(fault.GuestUnavailable, "taking a lane", nil), policy
		r := begin(t, nil, all("b", &tr, nil), a)
		v := run(r)
		if policy == filter.FailOpen {
			is(t, "verdict", v, chain.Passed)
		} else {
			is(t, "verdict", v, chain.Replied)
			is(t, "request", r.out[filter.Request].String(), "")
			kind, _ := r.Refused()
			is(t, "kind", kind, fault.GuestUnavailable)
			status, _ := r.answer()
			is(t, "status", status, 503)
		}
		r.finish()
	}
}

// states are the pauses a lost filter may be in, with what is out by then.
var states = map[string]map[filter.Phases]callback{
	"head stopped":  {filter.PhaseRequestHeaders: answers(pause)},
	"head waits":    {filter.PhaseRequestHeaders: answers(wait), filter.PhaseRequestBody: answers(pause), filter.PhaseRequestTrailers: answers(pause)},
	"body held":     {filter.PhaseRequestBody: answers(pause), filter.PhaseRequestTrailers: answers(pause)},
	"trailers held": {filter.PhaseRequestTrailers: answers(pause)},
}

// A stream that waits for a filter whose instance died is answered at once.
func TestFilterIsLostWhilePaused(t *testing.T) {
	for name, on := range states {
		for _, policy := range []filter.OnError{filter.FailClosed, filter.FailOpen} {
			var tr trace
			a := all("a", &tr, on)
			a.onError = policy
			r := begin(t, nil, a, all("b", &tr, nil))
			r.head(filter.Request, false)
			r.feed(filter.Request, "x", false)
			r.trailers(filter.Request, "t")
			before := r.out[filter.Request].String()
			go a.part.s.Fail(a.part, errBroken)
			for !r.Resumed(filter.Request) {
				r.Wait(filter.Request, 1<<40)
			}
			v := r.flow(filter.Request)
			if policy == filter.FailOpen {
				is(t, name, r.out[filter.Request].String(), "head x [t] end")
			} else {
				is(t, name, v, chain.Replied)
				is(t, name, r.out[filter.Request].String(), before)
				status, _ := r.answer()
				is(t, name, status, 503)
			}
			r.finish()
		}
	}
}

// reads is an owner's read that ends when it is interrupted.
type reads chan struct{}

func (r reads) Interrupt() {
	select {
	case r <- struct{}{}:
	default:
	}
}

// Whatever is noted while the owner does not look must end its next read: it
// would wait for bytes that may never come.
func TestWhatWasNotedInterruptsTheNextRead(t *testing.T) {
	for name, note := range map[string]func(r *rig, a *fake){
		"lost":   func(_ *rig, a *fake) { a.part.s.Fail(a.part, errBroken) },
		"resume": func(_ *rig, a *fake) { a.part.s.Resume(a.part, filter.Request) },
		"reply":  func(_ *rig, a *fake) { _ = a.part.s.Reply(filter.Reply{Status: 403}) },
		"reset":  func(_ *rig, a *fake) { a.part.s.Reset() },
	} {
		var tr trace
		a := all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestBody: answers(pause)})
		r := begin(t, nil, a)
		r.head(filter.Request, false)
		r.feed(filter.Request, "x", false)
		note(r, a) // the lock is the owner's: Fail cannot take it
		read := make(reads, 1)
		r.Idle(filter.Request, read)
		select {
		case <-read:
		default:
			t.Errorf("%s: the read is not interrupted", name)
		}
		r.Busy(filter.Request)
		r.finish()
	}
}

// Resume belongs to the pause of one filter: in another's callback it must
// not let through what that one has yet to see.
func TestResumeInAnothersCallback(t *testing.T) {
	var tr trace
	b := all("b", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: answers(pause)})
	a := all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: func(p *part, _ bool) (filter.Action, error) {
		p.s.Resume(b.part, filter.Request)
		return cont, nil
	}})
	r := begin(t, nil, a, b)
	is(t, "verdict", r.head(filter.Request, true), chain.Held)
	is(t, "out", r.out[filter.Request].String(), "")
	r.finish()

	own := all("own", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: func(p *part, _ bool) (filter.Action, error) {
		p.s.Resume(p, filter.Request)
		return pause, nil
	}})
	r = begin(t, nil, own)
	is(t, "verdict of its own", r.head(filter.Request, true), chain.Passed)
	r.finish()
}

// A callback of one direction that resumes the other wakes who waits there.
func TestResumeOfTheOtherDirection(t *testing.T) {
	var tr trace
	a := all("a", &tr, map[filter.Phases]callback{
		filter.PhaseRequestBody: answers(pause),
		filter.PhaseResponseHeaders: func(p *part, _ bool) (filter.Action, error) {
			p.s.Resume(p, filter.Request)
			return cont, nil
		},
	})
	r := begin(t, nil, a)
	r.head(filter.Request, false)
	r.feed(filter.Request, "x", false)
	read := make(reads, 1)
	r.Idle(filter.Request, read) // the upload's goroutine reads on
	r.Lock()
	r.head(filter.Response, true)
	select {
	case <-read:
	default:
		t.Error("the request's owner is not woken")
	}
	r.Unlock()
	r.Busy(filter.Request)
	r.flow(filter.Request)
	is(t, "request", r.out[filter.Request].String(), "head x")
	r.finish()
}

// A filter that has had its say does not end the stream by dying: only its log
// is lost.
func TestFilterIsLostWhenItIsDone(t *testing.T) {
	var tr trace
	a := &fake{name: "a", t: &tr, on: map[filter.Phases]callback{filter.PhaseRequestHeaders: nil}}
	r := begin(t, nil, a, all("b", &tr, nil))
	r.head(filter.Request, true)
	r.head(filter.Response, false)
	r.Sent(filter.Response)
	a.part.s.Fail(a.part, errBroken)
	is(t, "verdict", r.flow(filter.Response), chain.Held)
	is(t, "verdict", r.feed(filter.Response, "x", true), chain.Passed)
	is(t, "response", r.out[filter.Response].String(), "head x end")
	r.finish()
	if strings.Contains(strings.Join(tr.events, "|"), "a log") {
		t.Error("a lost filter was called")
	}
}
