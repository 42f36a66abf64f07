package realhost

import (
	"testing"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trial/rig"
	"github.com/weirproxy/weir/core/wasm"
)

// Cycle makes a function that takes one stream through the filters of a chain,
// from its begin to its end, and allocates nothing by itself: for benchmarks.
// Filters and configurations stand in turn; they share an instance. What they need of
// others they have got before: see Answer. usage is
// what that has burned so far, the work of its host calls included, and the memory
// it has: the same in every run, whatever else the machine does.
func (w *World) Cycle(tb testing.TB, filtersAndConfigs ...string) (run func(), usage func() wasm.LaneStats) {
	var tables []config.Filter
	for i := 0; i+1 < len(filtersAndConfigs); i += 2 {
		tables = append(tables, table(filtersAndConfigs[i], filtersAndConfigs[i+1], calls))
	}
	made, err := w.answered(Answer, 1, tables...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(made.Close)
	filters, st := made.Chain(), chain.NewStream()
	if err := made.Advance(time.Second); err != nil { // keys are fetched
		tb.Fatal(err)
	}
	made.Begin(rig.Request{Method: "GET", Path: "/", Message: rig.Message{Fields: []rig.Field{{Name: tokenField, Value: fetched}}}}, rig.Response{Status: 200}, rig.Facts{})
	if err := made.Settle(); err != nil { // and a token verified, beside the lane
		tb.Fatal(err)
	}
	request := [...]stream.Field{
		{Name: []byte("user-agent"), Value: []byte("bench/1")}, {Name: []byte("accept"), Value: []byte("*/*")},
		{Name: []byte("x-api-key"), Value: []byte("ann-0123456789abcdef")}, {Name: []byte("x-internal"), Value: []byte("1")},
		{Name: []byte("origin"), Value: []byte("https://a.example")},
		{Name: []byte("authorization"), Value: []byte("Bearer " + token)}, {Name: []byte(tokenField), Value: []byte(fetched)},
	}
	response := [...]stream.Field{
		{Name: []byte("server"), Value: []byte("origin")}, {Name: []byte("content-type"), Value: []byte("text/plain")},
	}
	tls := &stream.TLSInfo{Version: "TLSv1.3", PeerSPIFFE: "spiffe://example.org/ns/a/sa/web"}
	method, path, scheme, authority := []byte("GET"), []byte("/orders/7?a=b"), []byte("http"), []byte("shop.example")
	usage = func() wasm.LaneStats {
		if all := made.Stats(); len(all) > 0 {
			return all[0].Lanes[0]
		}
		return wasm.LaneStats{}
	}
	return func() {
		r := st.Request()
		r.Method, r.Path, r.Scheme, r.Authority, r.Version = method, path, scheme, authority, stream.HTTP11
		for _, f := range request {
			r.Headers.AppendRaw(f.Name, f.Value)
		}
		i := st.Info()
		i.Route, i.Client, i.TLS = "orders", client, tls
		st.Begin(filters, nil)
		if v := st.Head(filter.Request, true); v != chain.Passed {
			tb.Fatalf("the request was not passed on: verdict %d, %s", v, st.Info().Details)
		}
		st.Take(filter.Request)
		st.Sent(filter.Request)
		head := st.ResponseHead()
		head.Status, head.Version = 200, stream.HTTP11
		for _, f := range response {
			head.Headers.AppendRaw(f.Name, f.Value)
		}
		if v := st.Head(filter.Response, true); v != chain.Passed {
			tb.Fatalf("the response was not passed on: verdict %d, %s", v, st.Info().Details)
		}
		st.Take(filter.Response)
		st.Log()
		st.Finish()
	}, usage
}
