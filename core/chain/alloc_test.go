//go:build !race

package chain_test

import (
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
)

// still is a filter whose part does nothing, and is there once: what remains
// is the chain's own doing.
type still struct{ part quiet }

func (f *still) Name() string                                           { return "still" }
func (f *still) Phases() filter.Phases                                  { return filter.AllPhases }
func (f *still) Group() any                                             { return nil }
func (f *still) Attach(filter.Stream, filter.Part) (filter.Part, error) { return &f.part, nil }
func (f *still) Close()                                                 {}

type quiet struct{ closed int }

func (*quiet) RequestHeaders(bool) (filter.Action, error)  { return filter.ActionContinue, nil }
func (*quiet) RequestBody(bool) (filter.Action, error)     { return filter.ActionContinue, nil }
func (*quiet) RequestTrailers() (filter.Action, error)     { return filter.ActionContinue, nil }
func (*quiet) ResponseHeaders(bool) (filter.Action, error) { return filter.ActionContinue, nil }
func (*quiet) ResponseBody(bool) (filter.Action, error)    { return filter.ActionContinue, nil }
func (*quiet) ResponseTrailers() (filter.Action, error)    { return filter.ActionContinue, nil }
func (*quiet) Log()                                        {}
func (q *quiet) Close()                                    { q.closed++ }

type nobody struct{}

func (nobody) SetCluster(string) bool { return false }
func (nobody) ClearRoute()            {}

// stillStream carries a stream through five filters.
func stillStream() func() {
	var links []chain.Link
	for range 5 {
		links = append(links, chain.Link{Filter: new(still)})
	}
	links[1].Condition, links[3].Condition = to("/"), to("/elsewhere")
	c, s := chain.New(links, 1<<20), chain.NewStream()
	body, path := []byte("a body of some length"), []byte("/")
	var owner chain.Owner = nobody{}
	return func() {
		s.Request().Path = path
		s.Begin(c, owner)
		s.SetProperty("weir.identity", body)
		s.SetProperty("log.agent", body)
		for _, d := range []filter.Direction{filter.Request, filter.Response} {
			s.Head(d, false)
			s.Take(d)
			s.Feed(d, body, false)
			s.Take(d)
			s.Feed(d, body, true)
			s.Take(d)
			s.Sent(d)
		}
		s.Log()
		s.Finish()
	}
}

func TestStreamsDoNotAllocate(t *testing.T) {
	run := stillStream()
	run()
	if got := testing.AllocsPerRun(100, run); got != 0 {
		t.Errorf("a stream through five filters allocates %v times", got)
	}
}

func BenchmarkStreamThroughFiveFilters(b *testing.B) {
	run := stillStream()
	b.ReportAllocs()
	for b.Loop() {
		run()
	}
}
