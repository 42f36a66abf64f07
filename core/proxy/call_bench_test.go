package proxy_test

import (
	"context"
	"encoding/binary"
	"log/slog"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/state"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/wasm"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// callFields are the request that is measured, as a guest gives it.
var callFields = [][2]string{
	{":method", "GET"}, {":path", "/check/orders/42"}, {":authority", "auth"},
	{"authorization", "Bearer 0123456789abcdef0123456789abcdef"}, {"x-client", "192.0.2.1"},
}

// BenchmarkHTTPCall is what a guest's HTTP call costs beside the same request
// made by the core's transport alone, in CPU time of this process. Each round
// runs batches of requests, of streams whose guest makes the request and pauses
// until the answer is there, and of streams whose guest makes none, which is
// taken off. The ratio is the median of the rounds'.
func BenchmarkHTTPCall(b *testing.B) {
	const batch = 200
	caller := newCaller(b, originProcess(b), pool.HTTP1)
	engine, err := wasm.New(wasm.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = engine.Close() })
	host := proxywasm.New(proxywasm.Options{
		Engine: engine, Caller: caller, State: state.New(state.Options{}), Metrics: observe.NewMetrics("test").Guests(),
	})
	b.Cleanup(host.Close)
	does := [...]func(){
		func() { request(b, caller) },
		newCarrier(b, host, "calls", callingGuest(true)).run,
		newCarrier(b, host, "passes", callingGuest(false)).run,
	}
	var took [len(does)][]float64 // microseconds each
	var ratios []float64
	for _, do := range does {
		do() // makes what is made once
	}
	for round := 0; b.Loop(); round++ {
		for k := range does {
			k = (k + round) % len(does)
			before := cpu()
			for range batch {
				does[k]()
			}
			took[k] = append(took[k], float64((cpu()-before).Nanoseconds())/batch/1000)
		}
		ratios = append(ratios, (took[1][round]-took[2][round])/took[0][round])
	}
	for k, name := range []string{"transport", "calling-stream", "plain-stream"} {
		slices.Sort(took[k])
		b.ReportMetric(took[k][len(took[k])/2], name+"-us")
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
	b.ReportMetric(ratios[len(ratios)/4], "ratio-lower-quartile")
	b.ReportMetric(ratios[len(ratios)*3/4], "ratio-upper-quartile")
	b.ReportMetric((took[1][0]-took[2][0])/took[0][0], "ratio-of-minima")
	b.ReportMetric(0, "ns/op") // of all three
}

// cpu is the processor time of this process.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// newCaller is a Caller that knows one cluster, with a gateway's bounds.
func newCaller(b testing.TB, addr string, p pool.Protocol) *proxy.Caller {
	reaper := sock.NewReaper(50 * time.Millisecond)
	b.Cleanup(reaper.Close)
	c := cluster.New(cluster.Options{Name: "auth", Endpoints: []string{addr}, Balance: "p2c", Pool: pool.Options{
		Protocol: p, Connections: 64, Pending: 64, PendingWait: time.Second, ConnectTimeout: time.Minute, IdleTimeout: time.Minute, Reaper: reaper,
		Client: http1.ClientOptions{Head: 64 << 10, HeadCount: 100, Window: 64 << 10, BodyIdle: time.Minute, WriteIdle: time.Minute},
	}})
	b.Cleanup(c.Close)
	caller := proxy.NewCaller(slog.New(slog.DiscardHandler), nil)
	caller.Use(map[string]*cluster.Cluster{"auth": c})
	return caller
}

// request makes the request without a guest, and waits for the answer.
func request(b testing.TB, caller *proxy.Caller) {
	h := &stream.RequestHead{Version: stream.HTTP11, Scheme: []byte("http")}
	h.Method, h.Path, h.Authority = []byte(callFields[0][1]), []byte(callFields[1][1]), []byte(callFields[2][1])
	for _, f := range callFields[3:] {
		h.Headers.AddString(f[0], f[1])
	}
	answered := make(chan *filter.CallResponse, 1)
	if _, err := caller.Call(filter.CallRequest{Cluster: "auth", Head: h, Timeout: 5 * time.Second, MaxBody: 1 << 20},
		func(r *filter.CallResponse) { answered <- r }); err != nil {
		b.Fatal(err)
	}
	if r := <-answered; r.Head.Status != 200 || string(r.Body) != "pass" {
		b.Fatalf("the origin answers %d, %q", r.Head.Status, r.Body)
	}
}

// callingGuest is a filter that, if it calls, lets a request go on once the
// answer to a call of its own is there: otherwise at once. It sets a field of
// the request by then, to show that it was asked.
func callingGuest(calls bool) []byte {
	const cluster, fields, name, id = 16, 64, 1024, 1100
	encoded := binary.LittleEndian.AppendUint32(nil, uint32(len(callFields)))
	for _, f := range callFields {
		encoded = binary.LittleEndian.AppendUint32(encoded, uint32(len(f[0])))
		encoded = binary.LittleEndian.AppendUint32(encoded, uint32(len(f[1])))
	}
	for _, f := range callFields {
		encoded = append(encoded, f[0]+"\x00"+f[1]+"\x00"...)
	}
	m := New()
	call := m.Import("env", "proxy_http_call", "iiiiiiiiii:i")
	at := m.Import("env", "proxy_set_effective_context", "i:i")
	goOn := m.Import("env", "proxy_continue_stream", "i:i")
	set := m.Import("env", "proxy_replace_header_map_value", "iiiii:i")
	m.Memory(1, 1)
	m.Data(cluster, []byte("auth"))
	m.Data(fields, encoded)
	m.Data(name, []byte("x-asked"))
	current := m.Global('i', 0)
	// A status other than 0 is a trap, so that nothing is measured that fails.
	ok := func(c Code) Code { return Seq(c, If(Unreachable)) }
	mark := ok(Seq(I32(0), I32(name), I32(7), I32(cluster), I32(4), Call(set)))
	m.Func("proxy_abi_version_0_2_1", "")
	m.Func("malloc", "i:i", I32(32<<10))
	m.Func("proxy_on_context_create", "ii")
	if !calls {
		m.Func("proxy_on_request_headers", "iii:i", mark, I32(0))
		return m.Bytes()
	}
	m.Func("proxy_on_request_headers", "iii:i", Get(0), GlobalSet(current),
		ok(Seq(I32(cluster), I32(4), I32(fields), I32(int32(len(encoded))), I32(0), I32(0), I32(0), I32(0), I32(5000), I32(id), Call(call))),
		I32(1))
	m.Func("proxy_on_http_call_response", "iiiii",
		Get(3), I32(4), Ne32, If(Unreachable), // the body is "pass"
		ok(Seq(GlobalGet(current), Call(at))), mark, ok(Seq(I32(0), Call(goOn))))
	return m.Bytes()
}

// carrier carries streams through one filter, as package proxy does.
type carrier struct {
	b  *testing.B
	st *chain.Stream
	c  *chain.Chain
}

func newCarrier(b *testing.B, host *proxywasm.Host, name string, code []byte) *carrier {
	f, err := host.Filter(context.Background(), proxywasm.Spec{Name: name, Code: code, Calls: []string{"auth"}, Lanes: 1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(f.Close)
	return &carrier{b, chain.NewStream(), chain.New([]chain.Link{{Filter: f}}, 1<<20)}
}

// SetCluster and ClearRoute are of chain.Owner: no guest here asks for them.
func (c *carrier) SetCluster(string) bool { return false }
func (c *carrier) ClearRoute()            {}

func (c *carrier) run() {
	st := c.st
	r := st.Request()
	r.Method, r.Path, r.Authority, r.Scheme, r.Version = []byte("GET"), []byte("/orders/42"), []byte("api.example.com"), []byte("http"), stream.HTTP11
	r.Headers.AddString("user-agent", "curl/8.1")
	st.Begin(c.c, c)
	v := st.Head(filter.Request, true)
	for v == chain.Held {
		if !st.Resumed(filter.Request) && !st.Stopped() && !st.Wait(filter.Request, 10*time.Second) {
			c.b.Fatal("no answer came")
		}
		v = st.Flow(filter.Request)
	}
	if asked := r.Headers.Peek("x-asked"); v != chain.Passed || string(asked) != "auth" {
		c.b.Fatalf("the request was not let through: verdict %v, x-asked %q", v, asked)
	}
	st.Take(filter.Request)
	h := st.ResponseHead()
	h.Status, h.Version = 200, stream.HTTP11
	st.Head(filter.Response, true)
	st.Take(filter.Response)
	st.Log()
	st.Finish()
}
