package chain_test

import (
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
)

// A guard that holds a head and has no callback for what comes behind it is not
// passed: nothing but its own word lets the head go.
func TestGuardsHoldTheirHeads(t *testing.T) {
	for _, d := range []filter.Direction{filter.Request, filter.Response} {
		head, body, trailers := phasesOf[d][0], phasesOf[d][1], phasesOf[d][2]
		for _, c := range []struct {
			name  string
			takes map[filter.Phases]callback
			steps []step
		}{
			{"heads alone", map[filter.Phases]callback{head: answers(wait)},
				[]step{{"head", ""}, {"x", ""}, {"y", ""}, {"resume a", "head xy"}, {"end z", "head xyz end"}}},
			{"heads alone, all of the message", map[filter.Phases]callback{head: answers(wait)},
				[]step{{"head", ""}, {"end x", ""}, {"resume a", "head x end"}}},
			{"heads alone, trailers", map[filter.Phases]callback{head: answers(wait)},
				[]step{{"head", ""}, {"x", ""}, {"trailers", ""}, {"resume a", "head x [t] end"}}},
			{"heads and bodies, trailers", map[filter.Phases]callback{head: answers(wait), body: answers(pause)},
				[]step{{"head", ""}, {"x", ""}, {"trailers", ""}, {"resume a", "head x [t] end"}}},
			{"heads and trailers", map[filter.Phases]callback{head: answers(wait), trailers: answers(cont)},
				[]step{{"head", ""}, {"x", ""}, {"trailers", ""}, {"resume a", "head x [t] end"}}},
			{"all, the body's word", map[filter.Phases]callback{head: answers(wait), body: answers(pause, cont), trailers: answers(cont)},
				[]step{{"head", ""}, {"x", ""}, {"y", "head xy"}, {"end z", "head xyz end"}}},
		} {
			t.Run(c.name+[]string{", request", ", response"}[d], func(t *testing.T) {
				a := &fake{name: "a", t: &trace{}, on: c.takes, guard: true}
				r := begin(t, nil, a)
				if d == filter.Response {
					r.head(filter.Request, true)
				}
				for i, s := range c.steps {
					v := play(r, d, s.do, map[string]*fake{"a": a})
					if got := r.out[d].String(); got != s.out || v > chain.Held {
						t.Fatalf("step %d, %q: out is %q, want %q; verdict %d", i, s.do, got, s.out, v)
					}
				}
				r.finish()
			})
		}
	}
}
