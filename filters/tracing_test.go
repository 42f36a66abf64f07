package filters_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/trace/otlp/otlptest"
	"github.com/weirproxy/weir/filters"
)

// builtins are this checkout's filters, for a whole proxy.
type builtins struct{ code []byte }

func (b builtins) Module() ([]byte, error) { return b.code, nil }
func (builtins) Names() []string           { return filters.Names() }

func (builtins) Clusters(name string) map[string]bool { return filters.Clusters(name) }

// traced runs a proxy whose one route has the filter trace and others behind it.
func traced(t *testing.T, r *otlptest.Receiver, upstreams []string, config string, others []string, rest ...string) *coretest.Running {
	t.Helper()
	return runFile(t, tracedFile(r, upstreams, config, others, rest...))
}

func runFile(t *testing.T, toml string) *coretest.Running {
	t.Helper()
	w, err := world()
	if err != nil {
		t.Fatal(err)
	}
	return coretest.ProxyWith(t, toml, coretest.Options{Builtins: builtins{w.Code()}})
}

// tracedFile is the configuration of traced.
func tracedFile(r *otlptest.Receiver, upstreams []string, config string, others []string, rest ...string) string {
	return fmt.Sprintf(`version = 1
[gateway]
listen = ["127.0.0.1:0"]
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
[log]
access = "access.log"
[trace]
endpoint = %q
interval = "10ms"
[filters.trace]
use = "trace"
config = { %s }
[[routes]]
name = "orders"
match = { path_prefix = "/" }
filters = %s
cluster = "up"
retries = { max = 2, on_status = [503], back_off = "1ms" }
[clusters.up]
endpoints = %s
%s
`, r.URL, config, quoted(append([]string{"trace"}, others...)), quoted(upstreams), strings.Join(rest, "\n")) + coretest.Wasm()
}

func quoted(list []string) string { return strings.ReplaceAll(fmt.Sprintf("%q", list), `" "`, `", "`) }

// awaitTree waits for the spans of a request.
func awaitTree(t *testing.T, r *otlptest.Receiver, want string) map[string]otlptest.Span {
	t.Helper()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the spans:\n%s", otlptest.Tree(r.Spans()))
		}
	})
	coretest.Eventually(t, "the spans\n"+want, func() bool { return len(r.Spans()) > 0 && otlptest.Tree(r.Spans()) == want })
	byName := map[string]otlptest.Span{}
	for _, s := range r.Spans() {
		byName[s.Name] = s
	}
	return byName
}

// has compares some attributes of a span.
func has(t *testing.T, s otlptest.Span, want map[string]any) {
	t.Helper()
	got := s.Attributes()
	for key, v := range want {
		if got[key] != v {
			t.Errorf("%s: %s is %v, want %v; it has %v", s.Name, key, got[key], v, got)
		}
	}
}

func TestARequestLeavesItsSpans(t *testing.T) {
	told := make(chan http.Header, 1)
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		told <- q.Header
		fmt.Fprint(w, "hello")
	}))
	r := otlptest.Listen(t)
	p := traced(t, r, []string{up.Addr}, `tags = { tenant = "{header:x-tenant}", none = "{header:x-none}" }, write = ["w3c", "b3", "b3multi"]`, []string{"requestid", "keys"},
		"[filters.requestid]\nuse = \"requestid\"", annsTable)
	got := coretest.Get(t, p.Addr("gateway"), "/a?b=c", "X-Tenant: t1", "X-Api-Key: ann-0123456789abcdef", "User-Agent: test/1")
	if got.Status != 200 {
		t.Fatalf("answered %d", got.Status)
	}
	spans := awaitTree(t, r, "GET orders\n  filter requestid\n  filter keys\n  GET up\n")
	root, try := spans["GET orders"], spans["GET up"]
	has(t, root, map[string]any{
		"http.request.method": "GET", "http.response.status_code": int64(200), "url.path": "/a", "url.query": nil, "url.scheme": "http",
		"server.address": "test", "client.address": "127.0.0.1", "network.peer.address": "127.0.0.1", "network.protocol.version": "1.1",
		"user_agent.original": "test/1", "weir.route": "orders", "weir.cluster": "up", "http.response.body.size": int64(5),
		"tenant": "t1", "none": nil, "error.type": nil,
	})
	has(t, try, map[string]any{
		"http.request.method": "GET", "http.response.status_code": int64(200), "url.full": "http://test/a", "server.address": "127.0.0.1",
		"http.request.resend_count": nil, "error.type": nil,
	})
	has(t, spans["filter keys"], map[string]any{"weir.filter": "keys", "weir.filter.verdict": "continue"})
	if cpu := spans["filter keys"].Attributes()["weir.filter.cpu_ns"].(int64); cpu <= 0 || cpu > 1e9 {
		t.Errorf("the filter's CPU is %d ns", cpu)
	}
	if root.Kind.String() != "SPAN_KIND_SERVER" || try.Kind.String() != "SPAN_KIND_CLIENT" || root.Parent() != "" {
		t.Errorf("kinds %v and %v, parent %q", root.Kind, try.Kind, root.Parent())
	}
	h := <-told
	for name, want := range map[string]string{
		"Traceparent": "00-" + root.Trace() + "-" + try.ID() + "-01", "B3": root.Trace() + "-" + try.ID() + "-1",
		"X-B3-Traceid": root.Trace(), "X-B3-Spanid": try.ID(), "X-B3-Sampled": "1",
	} {
		if h.Get(name) != want {
			t.Errorf("the upstream is told %s: %q, want %q", name, h.Get(name), want)
		}
	}
	if line := accessLog(t, p); !strings.Contains(line, `"trace_id":"`+root.Trace()+`","span_id":"`+root.ID()+`"`) {
		t.Errorf("the access log has %s", line)
	}
}

const annsTable = "[filters.keys]\nuse = \"apikey\"\nconfig = { keys = [{ name = \"ann\", sha256 = \"4aebd70d3e9413c91f66417e4fea3d65096e0723b1d5b84093132287a974a2bd\" }] }"

// TestEachTryHasASpan, and tells its upstream of that.
func TestEachTryHasASpan(t *testing.T) {
	told := make(chan string, 3)
	bad := coretest.Script(t, func(p *coretest.Peer) { told <- p.Head(); p.Reset() }, func(p *coretest.Peer) {
		told <- p.Head()
		p.Say("HTTP/1.1 503 Later\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	}, func(p *coretest.Peer) {
		told <- p.Head()
		p.Say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	})
	r := otlptest.Listen(t)
	p := traced(t, r, []string{bad.Addr}, "", nil)
	if got := coretest.Get(t, p.Addr("gateway"), "/"); got.Status != 200 {
		t.Fatalf("answered %d", got.Status)
	}
	awaitTree(t, r, "GET orders\n  GET up\n  GET up\n  GET up\n")
	tries := map[int64]otlptest.Span{}
	for _, s := range r.Spans() {
		if n, _ := s.Attributes()["http.request.resend_count"].(int64); s.Name == "GET up" {
			tries[n] = s
		}
	}
	has(t, tries[0], map[string]any{"error.type": "upstream_reset", "http.response.status_code": nil})
	has(t, tries[1], map[string]any{"error.type": "503", "http.response.status_code": int64(503)})
	has(t, tries[2], map[string]any{"error.type": nil, "http.response.status_code": int64(200)})
	for n := range int64(3) {
		if head := <-told; !strings.Contains(head, "-"+tries[n].ID()+"-01\r\n") {
			t.Errorf("try %d told %q, its span is %s", n, head, tries[n].ID())
		}
	}
}

// TestAFilterThatAnswers is seen in its span, and in the access log.
func TestAFilterThatAnswers(t *testing.T) {
	r := otlptest.Listen(t)
	p := traced(t, r, []string{coretest.Refusing(t)}, "", []string{"keys"}, annsTable)
	if got := coretest.Get(t, p.Addr("gateway"), "/"); got.Status != 401 {
		t.Fatalf("answered %d", got.Status)
	}
	spans := awaitTree(t, r, "GET orders\n  filter keys\n")
	has(t, spans["filter keys"], map[string]any{"weir.filter.verdict": "reply"})
	has(t, spans["GET orders"], map[string]any{"http.response.status_code": int64(401), "weir.filter": "keys", "weir.details": "apikey_missing"})
	if s := spans["GET orders"].Status.GetCode(); s != 0 {
		t.Errorf("a client's fault is %v of ours", s)
	}
	if line := accessLog(t, p); !strings.Contains(line, `"failed_by":"filter keys","reason":"reply","details":"apikey_missing"`) {
		t.Errorf("the access log has %s", line)
	}
}

// TestAFiltersCallIsItsChild while it holds the request.
func TestAFiltersCallIsItsChild(t *testing.T) {
	told := make(chan string, 1)
	auth := coretest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { told <- q.Header.Get("traceparent") }))
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := otlptest.Listen(t)
	p := traced(t, r, []string{up.Addr}, "", []string{"auth"},
		coretest.FilterTable("auth", coretest.Guest(t), "auth", `calls = ["auth"]`, `config = { cluster = "auth", path = "/check", timeout = "20s" }`),
		fmt.Sprintf("[clusters.auth]\nendpoints = [%q]", auth.Addr))
	if got := coretest.Get(t, p.Addr("gateway"), "/x"); got.Status != 200 {
		t.Fatalf("answered %d %s", got.Status, got.Body)
	}
	spans := awaitTree(t, r, "GET orders\n  filter auth\n    GET auth\n  GET up\n")
	call, f := spans["GET auth"], spans["filter auth"]
	has(t, call, map[string]any{"url.full": "http://auth.internal/check/x", "http.response.status_code": int64(200), "weir.cluster": "auth"})
	if got := <-told; got != "00-"+call.Trace()+"-"+call.ID()+"-01" {
		t.Errorf("the service is told %q", got)
	}
	if f.StartTimeUnixNano > call.StartTimeUnixNano || f.EndTimeUnixNano < call.EndTimeUnixNano {
		t.Error("the filter's span does not hold that of its call: its pause is left out")
	}
}

// accessLog is what it holds of one request, once that is written.
func accessLog(t *testing.T, p *coretest.Running) string {
	t.Helper()
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	return readFile(t, p, "access.log")
}
