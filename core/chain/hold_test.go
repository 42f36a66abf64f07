package chain_test

import (
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
)

// A stream can be held while an owner waits or reads, and only then.
func TestWhenAStreamCanBeHeld(t *testing.T) {
	var tr trace
	var inCallback bool
	a := all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestHeaders: func(p *part, _ bool) (filter.Action, error) {
		inCallback = p.s.TryHold()
		return pause, nil
	}})
	r := begin(t, nil, a)
	r.head(filter.Request, false)
	is(t, "in a callback", inCallback, false)
	is(t, "while the owner works", r.TryHold(), false)
	read := make(reads, 1)
	r.Idle(filter.Request, read)
	is(t, "while the owner reads", r.TryHold(), true)
	is(t, "twice", r.TryHold(), false)
	r.Release()
	r.Busy(filter.Request)
	select {
	case <-read:
		t.Error("a hold that noted nothing ended the read")
	default:
	}
	r.Log()
	is(t, "while the stream ends", r.TryHold(), false)
	r.Finish()
	is(t, "when it is over", r.TryHold(), false)
}

// What others note while the owner reads ends the read.
func TestNotesEndARead(t *testing.T) {
	for name, c := range map[string]struct {
		note func(p *part)
		want chain.Verdict
	}{
		"resume": {func(p *part) { p.s.Resume(p, filter.Request) }, chain.Passed},
		"reply":  {func(p *part) { _ = p.s.Reply(filter.Reply{Status: 403}) }, chain.Replied},
		"reset":  {func(p *part) { p.s.Reset() }, chain.Cut},
	} {
		var tr trace
		a := all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestBody: answers(pause)})
		r := begin(t, nil, a)
		r.head(filter.Request, false)
		r.feed(filter.Request, "x", false)
		read := make(reads, 1)
		r.Idle(filter.Request, read)
		go func() {
			if !a.part.s.TryHold() {
				t.Error("the stream cannot be held")
				return
			}
			c.note(a.part)
			a.part.s.Release()
		}()
		<-read
		r.Busy(filter.Request)
		v := r.Flow(filter.Request)
		r.take(filter.Request)
		is(t, name, v, c.want)
		if c.want == chain.Passed {
			is(t, name, r.out[filter.Request].String(), "head x")
		}
		r.finish()
	}
}

// A lost filter ends a read too: Fail needs no hold.
func TestFailEndsARead(t *testing.T) {
	var tr trace
	a := all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestBody: answers(pause)})
	r := begin(t, nil, a)
	r.head(filter.Request, false)
	r.feed(filter.Request, "x", false)
	for range 200 { // whether it meets the lock or not
		read := make(reads, 1)
		failed := make(chan struct{})
		go func() { a.part.s.Fail(a.part, errBroken); close(failed) }()
		r.Idle(filter.Request, read)
		<-read
		<-failed
		r.Busy(filter.Request)
	}
	is(t, "verdict", r.flow(filter.Request), chain.Replied)
	r.finish()
}
