package proxywasm_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// emptyScript has every callback of a bodiless stream, and does nothing in them.
func emptyScript() *script {
	return newScript().on("on_context_create").on("on_request_headers").on("on_response_headers").on("on_log").on("on_done").on("on_delete")
}

// repeated calls a host function n times in on_request_headers.
func repeated(n int, s step) *script {
	steps := make([]step, n)
	for i := range steps {
		steps[i] = s
	}
	return newScript().on("on_request_headers", steps...)
}

// life takes one stream without a body from its head to its end.
type life struct {
	st *chain.Stream
	c  *chain.Chain
}

func newLife(f ...filter.Filter) *life {
	links := make([]chain.Link, len(f))
	for i := range f {
		links[i] = chain.Link{Filter: f[i]}
	}
	return &life{chain.NewStream(), chain.New(links, 1<<20)}
}

func (l *life) SetCluster(string) bool { return false }
func (l *life) ClearRoute()            {}

var (
	benchGET, benchPath, benchHost, benchHTTP = []byte("GET"), []byte("/orders/42?full=1"), []byte("api.example.com"), []byte("http")
	benchFields                               = [][2][]byte{
		{[]byte("user-agent"), []byte("curl/8.1")}, {[]byte("accept"), []byte("*/*")}, {[]byte("accept-encoding"), []byte("gzip")},
		{[]byte("x-request-id"), []byte("0123456789abcdef0123456789abcdef")}, {[]byte("cookie"), []byte("session=0123456789abcdef")},
		{[]byte("content-type"), []byte("application/json")},
	}
	benchAddr = netip.MustParseAddrPort("192.0.2.1:4711")
)

func (l *life) run() {
	st := l.st
	r := st.Request()
	r.Method, r.Path, r.Authority, r.Scheme, r.Version = benchGET, benchPath, benchHost, benchHTTP, stream.HTTP11
	for i := range benchFields {
		r.Headers.AppendRaw(benchFields[i][0], benchFields[i][1])
	}
	st.Info().Source = benchAddr
	st.Begin(l.c, l)
	st.Head(filter.Request, true)
	st.Take(filter.Request)
	h := st.ResponseHead()
	h.Status, h.Version = 200, stream.HTTP11
	h.Headers.AppendRaw(benchFields[5][0], benchFields[5][1])
	st.Head(filter.Response, true)
	st.Take(filter.Response)
	st.Log()
	st.Finish()
}

// benchCalls are host functions by what one call of each costs.
var benchCalls = map[string]step{
	"get":      quiet("proxy_get_header_map_value", 0, "x-request-id", outBytes{}),
	"path":     quiet("proxy_get_header_map_value", 0, ":path", outBytes{}),
	"missing":  quiet("proxy_get_header_map_value", 0, "x-missing", outBytes{}),
	"add":      quiet("proxy_add_header_map_value", 0, "x-a", "value"),
	"replace":  quiet("proxy_replace_header_map_value", 0, "x-a", "value"),
	"set path": quiet("proxy_replace_header_map_value", 0, ":path", "/other"),
	"remove":   quiet("proxy_remove_header_map_value", 0, "x-none"),
	"pairs":    quiet("proxy_get_header_map_pairs", 0, outBytes{}),
	"property": quiet("proxy_get_property", "source\x00address", outBytes{}),
	"metric":   quiet("proxy_get_metric", 0, outWord{}),
	"time":     quiet("proxy_get_current_time_nanoseconds", 32),
	"continue": quiet("proxy_continue_stream", 0),
	"shared":   quiet("proxy_get_shared_data", "k", outBytes{}, outWord{}),
}

func BenchmarkStream(b *testing.B) {
	b.Run("empty", func(b *testing.B) {
		l := newLife(newHost(b).load(emptyScript()))
		b.ReportAllocs()
		for b.Loop() {
			l.run()
		}
	})
	b.Run("none", func(b *testing.B) {
		l := newLife()
		b.ReportAllocs()
		for b.Loop() {
			l.run()
		}
	})
	b.Run("five", func(b *testing.B) {
		h := newHost(b)
		var f []filter.Filter
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			f = append(f, h.load(emptyScript(), named(name)))
		}
		l := newLife(f...)
		b.ReportAllocs()
		for b.Loop() {
			l.run()
		}
	})
}

// BenchmarkCall shows what one call of a host function costs: each stream makes
// 10, and what a stream costs without them is taken off.
func BenchmarkCall(b *testing.B) {
	for name, s := range benchCalls {
		b.Run(name, func(b *testing.B) {
			const calls, rounds = 10, 20_000
			none := newLife(emptyOf(b))
			begin := time.Now()
			for range rounds {
				none.run()
			}
			base := float64(time.Since(begin).Nanoseconds()) / rounds
			l := newLife(newHost(b).load(repeated(calls, s)))
			b.ReportAllocs()
			for b.Loop() {
				l.run()
			}
			b.ReportMetric((float64(b.Elapsed().Nanoseconds())/float64(b.N)-base)/calls, "ns/call")
		})
	}
}

func emptyOf(b *testing.B) filter.Filter { return newHost(b).load(repeated(0, nil)) }
