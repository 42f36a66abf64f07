package realhost

import (
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// Lanes configures a filter with so many instances. What it answers takes a
// request through, on any goroutine, and says whether the upstream would have
// got it; each goroutine brings its own stream.
func (w *World) Lanes(tb testing.TB, lanes int, name, config string) func(st *chain.Stream) bool {
	made, err := w.rig(lanes, table(name, config, nil))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(made.Close)
	return func(st *chain.Stream) bool {
		r := st.Request()
		r.Method, r.Path, r.Scheme, r.Authority, r.Version = []byte("GET"), []byte("/"), []byte("http"), []byte("a.example"), stream.HTTP11
		st.Info().Client = client
		st.Begin(made.Chain(), nil)
		v := st.Head(filter.Request, true)
		if v == chain.Replied {
			st.TakeReply()
			st.Head(filter.Response, true)
		}
		st.Log()
		st.Finish()
		return v == chain.Passed
	}
}
