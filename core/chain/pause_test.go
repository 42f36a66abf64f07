package chain_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
)

const (
	cont  = filter.ActionContinue
	pause = filter.ActionPause
	wait  = filter.ActionPauseBuffering
	drop  = filter.ActionDropBody
)

// phases of a direction: head, body, trailers.
var phasesOf = [2][3]filter.Phases{
	{filter.PhaseRequestHeaders, filter.PhaseRequestBody, filter.PhaseRequestTrailers},
	{filter.PhaseResponseHeaders, filter.PhaseResponseBody, filter.PhaseResponseTrailers},
}

// does makes callbacks for one direction out of their answers.
func does(d filter.Direction, actions [3][]filter.Action) map[filter.Phases]callback {
	on := map[filter.Phases]callback{}
	for i, a := range actions {
		if len(a) > 0 {
			on[phasesOf[d][i]] = answers(a...)
		}
	}
	return on
}

// step is one thing that happens to a stream: a piece of body, "trailers",
// "resume a" or "end TEXT", and what is out after it.
type step struct{ do, out string }

// TestPauses goes through each way of holding a message. Filter b stands
// behind a, and does nothing but where a case says so.
func TestPauses(t *testing.T) {
	for _, c := range []struct {
		name  string
		a, b  [3][]filter.Action // to head, body, trailers: one after the other, the last for ever
		steps []step
	}{
		{"head stopped, then let go", [3][]filter.Action{{pause}}, [3][]filter.Action{}, []step{
			{"head", ""}, {"resume a", "head "}, {"x", "head x"}, {"end y", "head xy end"}}},
		{"head stopped, body comes in one piece behind it", [3][]filter.Action{{cont}}, [3][]filter.Action{{pause}}, []step{
			{"head", ""}, {"x", ""}, {"y", ""}, {"resume b", "head xy"}, {"end z", "head xyz end"}}},
		{"head stopped, whole message behind it", [3][]filter.Action{}, [3][]filter.Action{{pause}}, []step{
			{"head", ""}, {"x", ""}, {"end y", ""}, {"resume b", "head xy end"}}},
		{"head stopped, trailers behind it", [3][]filter.Action{}, [3][]filter.Action{{pause}}, []step{
			{"head", ""}, {"x", ""}, {"trailers", ""}, {"resume b", "head x [t] end"}}},
		{"head alone stopped", [3][]filter.Action{{pause}}, [3][]filter.Action{}, []step{
			{"head end", ""}, {"resume a", "head  end"}}},
		{"head waits for the body's word", [3][]filter.Action{{wait}, {pause, cont}}, [3][]filter.Action{}, []step{
			{"head", ""}, {"x", ""}, {"y", "head xy"}, {"end z", "head xyz end"}}},
		{"head waits, the word is Resume", [3][]filter.Action{{wait}, {pause}}, [3][]filter.Action{}, []step{
			{"head", ""}, {"x", ""}, {"end y", ""}, {"resume a", "head xy end"}}},
		{"head waits, trailers say so", [3][]filter.Action{{wait}, {pause}, {cont}}, [3][]filter.Action{}, []step{
			{"head", ""}, {"x", ""}, {"trailers", "head x [t] end"}}},
		{"head waits through the trailers", [3][]filter.Action{{wait}, {pause}, {pause}}, [3][]filter.Action{}, []step{
			{"head", ""}, {"x", ""}, {"trailers", ""}, {"resume a", "head x [t] end"}}},
		{"head alone waits", [3][]filter.Action{{wait}}, [3][]filter.Action{}, []step{
			{"head end", ""}, {"resume a", "head  end"}}},
		{"body held and shown again, grown", [3][]filter.Action{nil, {pause, pause, cont}}, [3][]filter.Action{}, []step{
			{"head", "head "}, {"x", "head "}, {"y", "head "}, {"z", "head xyz"}, {"end ", "head xyz end"}}},
		{"body held to its end", [3][]filter.Action{nil, {pause}}, [3][]filter.Action{}, []step{
			{"head", "head "}, {"x", "head "}, {"end y", "head "}, {"resume a", "head xy end"}}},
		{"body held, let go before its end", [3][]filter.Action{nil, {pause, cont}}, [3][]filter.Action{}, []step{
			{"head", "head "}, {"x", "head "}, {"resume a", "head x"}, {"end y", "head xy end"}}},
		{"trailers held", [3][]filter.Action{nil, nil, {pause}}, [3][]filter.Action{}, []step{
			{"head", "head "}, {"x", "head x"}, {"trailers", "head x"}, {"resume a", "head x [t] end"}}},
		{"body and trailers held", [3][]filter.Action{nil, {pause}, {pause}}, [3][]filter.Action{}, []step{
			{"head", "head "}, {"x", "head "}, {"trailers", "head "}, {"resume a", "head x [t] end"}}},
		{"body held, trailers go on", [3][]filter.Action{nil, {pause}, {cont}}, [3][]filter.Action{}, []step{
			{"head", "head "}, {"x", "head "}, {"trailers", "head x [t] end"}}},

		{"both stop the head", [3][]filter.Action{{pause}}, [3][]filter.Action{{pause}}, []step{
			{"head", ""}, {"resume a", ""}, {"resume b", "head "}, {"end x", "head x end"}}},
		{"both stop a head alone", [3][]filter.Action{{wait}}, [3][]filter.Action{{wait}}, []step{
			{"head end", ""}, {"resume a", ""}, {"resume b", "head  end"}}},
		{"both hold the body", [3][]filter.Action{nil, {cont, pause}}, [3][]filter.Action{nil, {pause}}, []step{
			{"head", "head "}, {"x", "head "}, {"y", "head "}, {"resume b", "head x"}, {"end ", "head x"},
			{"resume a", "head x"}, {"resume b", "head xy end"}}},
		{"both hold the trailers", [3][]filter.Action{nil, nil, {pause}}, [3][]filter.Action{nil, {pause}, {pause}}, []step{
			{"head", "head "}, {"x", "head "}, {"trailers", "head "}, {"resume a", "head "}, {"resume b", "head x [t] end"}}},
		{"the second stops what the first lets go", [3][]filter.Action{{wait}, {cont}}, [3][]filter.Action{{pause}}, []step{
			{"head", ""}, {"x", ""}, {"end y", ""}, {"resume b", "head xy end"}}},

		{"a piece dropped", [3][]filter.Action{nil, {cont, drop, cont}}, [3][]filter.Action{}, []step{
			{"head", "head "}, {"x", "head x"}, {"y", "head x"}, {"end z", "head xz end"}}},
		{"the last piece dropped: the end is held", [3][]filter.Action{nil, {cont, drop}}, [3][]filter.Action{}, []step{
			{"head", "head "}, {"x", "head x"}, {"end y", "head x"}, {"resume a", "head x end"}}},
		{"dropped while the head waits: it goes on waiting", [3][]filter.Action{{wait}, {drop}}, [3][]filter.Action{}, []step{
			{"head", ""}, {"x", ""}, {"end y", ""}, {"resume a", "head  end"}}},
		{"held, then dropped: what is held stays", [3][]filter.Action{nil, {pause, drop, cont}}, [3][]filter.Action{}, []step{
			{"head", "head "}, {"x", "head "}, {"y", "head "}, {"end z", "head xyz end"}}},

		{"Resume where there is no pause", [3][]filter.Action{}, [3][]filter.Action{nil, {pause, cont}}, []step{
			{"head", "head "}, {"x", "head "}, {"resume a", "head "}, {"end y", "head xy end"}}},
	} {
		for _, d := range []filter.Direction{filter.Request, filter.Response} {
			t.Run(c.name+[]string{", request", ", response"}[d], func(t *testing.T) {
				var tr trace
				a, b := all("a", &tr, does(d, c.a)), all("b", &tr, does(d, c.b))
				order := []*fake{a, b}
				if d == filter.Response {
					order = []*fake{b, a}
				}
				r := begin(t, nil, order...)
				if d == filter.Response {
					r.head(filter.Request, true)
				}
				for i, s := range c.steps {
					v := play(r, d, s.do, map[string]*fake{"a": a, "b": b})
					if got := r.out[d].String(); strings.TrimSuffix(got, " ") != strings.TrimSuffix(s.out, " ") {
						t.Fatalf("step %d, %q: out is %q, want %q\n%s", i, s.do, got, s.out, strings.Join(tr.events, "\n"))
					}
					if v > chain.Held {
						t.Fatalf("step %d, %q: verdict %d", i, s.do, v)
					}
				}
				is(t, "held at the end", r.Holding(d), false)
				r.finish()
			})
		}
	}
}

// play does one step.
func play(r *rig, d filter.Direction, do string, filters map[string]*fake) chain.Verdict {
	r.t.Helper()
	switch {
	case do == "head":
		return r.head(d, false)
	case do == "head end":
		return r.head(d, true)
	case do == "trailers":
		return r.trailers(d, "t")
	case strings.HasPrefix(do, "resume "):
		return r.resume(filters[do[7:]], d)
	case strings.HasPrefix(do, "end "):
		return r.feed(d, do[4:], true)
	}
	return r.feed(d, do, false)
}
