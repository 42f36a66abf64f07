package chain_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
)

// Two owners, one a direction, and others who resume, fail and wake from
// outside: whatever their order, both messages come through whole.
func TestOwnersAndOthersAtOnce(t *testing.T) {
	st := chain.NewStream()
	for i := range 100 {
		var tr trace
		act := func(p *part, _ bool) (filter.Action, error) { return pause, nil }
		a := all("a", &tr, map[filter.Phases]callback{filter.PhaseRequestBody: act, filter.PhaseResponseBody: act})
		b := all("b", &tr, map[filter.Phases]callback{filter.PhaseRequestBody: act, filter.PhaseResponseBody: act})
		b.onError = filter.FailOpen
		r := begin(t, st, a, b)
		r.head(filter.Request, false)
		var over atomic.Bool
		var others sync.WaitGroup
		for _, f := range []*fake{a, b} {
			others.Go(func() {
				for !over.Load() {
					if f.part.s.TryHold() {
						f.part.s.Resume(f.part, filter.Request)
						f.part.s.Resume(f.part, filter.Response)
						f.part.s.Release()
					}
					runtime.Gosched()
				}
			})
		}
		if i%2 == 0 {
			others.Go(func() { b.part.s.Fail(b.part, errBroken) })
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.Lock()
			defer r.Unlock()
			owner(r, filter.Request, "request")
		}()
		r.head(filter.Response, false)
		owner(r, filter.Response, "response")
		r.Unlock()
		<-done
		over.Store(true)
		others.Wait()
		r.Lock()
		is(t, "request", r.out[filter.Request].String(), "head request end")
		is(t, "response", r.out[filter.Response].String(), "head response end")
		r.finish()
	}
}

// owner feeds text byte by byte, waiting before each, until all has passed.
func owner(r *rig, d filter.Direction, text string) {
	for i := 0; !r.out[d].end; {
		read := make(reads, 1)
		r.Idle(d, read)
		select {
		case <-read:
		case <-time.After(time.Microsecond):
		}
		r.Busy(d)
		r.flow(d)
		if i < len(text) {
			r.feed(d, text[i:i+1], i == len(text)-1)
			i++
		}
	}
}
