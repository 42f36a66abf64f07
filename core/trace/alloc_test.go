//go:build !race

package trace_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trace"
	"github.com/weirproxy/weir/core/trace/otlp"
)

// request is what tracing does for one request with one try, beside what a stream
// costs anyway.
type request struct {
	st     *chain.Stream
	trace  trace.Stream
	policy *trace.Policy
	sink   *otlp.Exporter
	parent []byte
}

var none = chain.New(nil, 0)

func (r *request) run() {
	head, info := r.st.Request(), r.st.Info()
	head.Method, head.Path, head.Scheme, head.Authority = get, path, http, host
	info.Start, info.Route, info.Cluster, info.Client = now, "orders", "orders", local.Addr()
	info.Source, info.Upstream, info.Version = local, local, stream.HTTP11
	if r.parent != nil {
		head.Headers.AppendRaw(field, r.parent)
	}
	r.trace.Clear()
	if r.policy != nil {
		r.trace.Begin(r.policy, r.sink, &head.Headers, info, true)
	}
	r.st.Begin(none, nil)
	if r.policy != nil {
		r.trace.Try(&head.Headers, info)
		r.trace.EndTry(r.st, "127.0.0.1:9000", trace.Broken(200, nil))
		r.trace.End(r.st, trace.Outcome{Status: 200, GRPC: grpc.None, Took: time.Millisecond, Kind: fault.Unknown})
	}
	r.st.Head(filter.Request, true)
	r.st.Finish()
}

var (
	get, path, http, host = []byte("GET"), []byte("/orders/7?a=b"), []byte("http"), []byte("shop.example")
	field                 = []byte("traceparent")
	now                   = time.Now()
	local                 = netip.MustParseAddrPort("127.0.0.1:9000")
)

// sink takes spans without end: its receiver is away, and the queue is bounded.
func sink(tb testing.TB) *otlp.Exporter {
	target, err := otlp.NewTarget(otlp.Options{Endpoint: "http://127.0.0.1:1/v1/traces", Queue: 8 << 20, Batch: 256 << 10, Interval: time.Hour, Timeout: time.Second})
	if err != nil {
		tb.Fatal(err)
	}
	e := otlp.NewExporter(nil)
	e.Use(target)
	tb.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		e.Close(ctx)
	})
	return e
}

// requests are the ways that a request can go.
func requests(tb testing.TB) map[string]*request {
	no := with(func(d *declaration) { d.share = 0 })
	parent := []byte("00-" + traceHex + "-" + spanHex + "-00")
	return map[string]*request{
		"none":                {st: chain.NewStream()},
		"unsampled":           {st: chain.NewStream(), policy: no.policy(tb), sink: sink(tb)},
		"unsampled-by-parent": {st: chain.NewStream(), policy: w3c.policy(tb), sink: sink(tb), parent: parent},
		"sampled":             {st: chain.NewStream(), policy: w3c.policy(tb), sink: sink(tb)},
	}
}

func TestAllocations(t *testing.T) {
	for name, r := range requests(t) {
		most := 0.0
		if name == "sampled" {
			most = 1 // a batch now and then
		}
		r.run()
		if n := testing.AllocsPerRun(1000, r.run); n > most {
			t.Errorf("%s: %v allocations a request", name, n)
		}
	}
}

func BenchmarkRequest(b *testing.B) {
	for name, r := range requests(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.run()
			}
		})
	}
}
