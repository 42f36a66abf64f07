package filters_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/trace/otlp/otlptest"
)

// over2 is a client that speaks HTTP/2 in clear, with prior knowledge.
func over2(t *testing.T) *http.Client {
	t.Helper()
	tr := &http.Transport{Protocols: new(http.Protocols)}
	tr.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// TestTracesOverBothProtocols: contexts come and go by HTTP/1.1 and HTTP/2 alike.
func TestTracesOverBothProtocols(t *testing.T) {
	for _, c := range []struct{ down, up int }{{1, 2}, {2, 1}, {2, 2}} {
		t.Run(fmt.Sprintf("HTTP/%d to HTTP/%d", c.down, c.up), func(t *testing.T) {
			told := make(chan string, 1)
			handler := http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
				_, _ = io.Copy(io.Discard, q.Body)
				told <- fmt.Sprintf("HTTP/%d %s %s", q.ProtoMajor, q.Header.Get("Traceparent"), q.Header.Get("Tracestate"))
			})
			up, protocol, client := coretest.Serve(t, handler), "http1", http.DefaultClient
			if c.up == 2 {
				up, protocol = coretest.ServeHTTP2(t, handler), "http2"
			}
			if c.down == 2 {
				client = over2(t)
			}
			r := otlptest.Listen(t)
			p := traced(t, r, []string{up.Addr}, `parent = "all"`, nil, fmt.Sprintf("protocol = %q", protocol))
			q, err := http.NewRequestWithContext(t.Context(), "PUT", "http://"+p.Addr("gateway")+"/a", strings.NewReader("hello"))
			if err != nil {
				t.Fatal(err)
			}
			name, parent, _ := strings.Cut(strangers, ": ")
			q.Header.Set(name, parent)
			q.Header["Tracestate"] = []string{"a=1", "b=2"}
			got, err := client.Do(q)
			if err != nil {
				t.Fatal(err)
			}
			_ = got.Body.Close()
			spans := awaitTree(t, r, "PUT orders\n  PUT up\n")
			root, try := spans["PUT orders"], spans["PUT up"]
			has(t, root, map[string]any{
				"network.protocol.version": map[int]string{1: "1.1", 2: "2"}[c.down], "url.scheme": "http", "url.path": "/a",
				"http.request.body.size": int64(5), "http.response.status_code": int64(200), "error.type": nil,
			})
			if root.Parent() != "b7ad6b7169203331" || root.TraceState != "a=1,b=2" {
				t.Errorf("parent %s, state %q", root.Parent(), root.TraceState)
			}
			if got, want := <-told, fmt.Sprintf("HTTP/%d 00-%s-%s-01 a=1,b=2", c.up, root.Trace(), try.ID()); got != want {
				t.Errorf("the upstream is told %q, want %q", got, want)
			}
		})
	}
}

// TestTracesOfCalls: a gRPC call has its status in both spans, and failed where it speaks
// against who answered.
func TestTracesOfCalls(t *testing.T) {
	type ends struct {
		status int64
		kind   string // error.type
		failed bool
	}
	const ok, failed = false, true
	for name, c := range map[string]struct {
		head, trailer string // grpc-status there
		root, try     ends
	}{
		"ok":                 {"", "0", ends{0, "", ok}, ends{0, "", ok}},
		"not found":          {"", "5", ends{5, "", ok}, ends{5, "not-found", failed}},
		"unavailable":        {"", "14", ends{14, "unavailable", failed}, ends{14, "unavailable", failed}},
		"by a head alone":    {"13", "", ends{13, "internal", failed}, ends{13, "internal", failed}},
		"no status":          {"", "", ends{2, "unknown", failed}, ends{2, "unknown", failed}},
		"a status of nobody": {"", "99", ends{2, "unknown", failed}, ends{2, "unknown", failed}},
	} {
		t.Run(name, func(t *testing.T) {
			up := coretest.ServeHTTP2(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				_, _ = io.Copy(io.Discard, q.Body)
				w.Header().Set("Content-Type", "application/grpc")
				if c.head != "" {
					w.Header().Set("Grpc-Status", c.head)
					return
				}
				_, _ = w.Write(make([]byte, 5))
				if c.trailer != "" {
					w.Header().Set(http.TrailerPrefix+"Grpc-Status", c.trailer)
				}
			}))
			r := otlptest.Listen(t)
			p := traced(t, r, []string{up.Addr}, "", nil, `protocol = "http2"`)
			callOver2(t, p.Addr("gateway"))
			spans := awaitTree(t, r, "POST orders\n  POST up\n")
			for name, want := range map[string]ends{"POST orders": c.root, "POST up": c.try} {
				s := spans[name]
				kind := any(want.kind)
				if want.kind == "" {
					kind = nil
				}
				has(t, s, map[string]any{"rpc.system": "grpc", "rpc.grpc.status_code": want.status, "http.response.status_code": int64(200), "error.type": kind})
				if failed := s.Status.GetCode() == 2; failed != want.failed {
					t.Errorf("%s: failed %v, want %v", name, failed, want.failed)
				}
			}
		})
	}
	t.Run("nobody there", func(t *testing.T) {
		r := otlptest.Listen(t)
		p := traced(t, r, []string{coretest.Refusing(t)}, "", nil, `protocol = "http2"`)
		callOver2(t, p.Addr("gateway"))
		spans := awaitTree(t, r, "POST orders\n  POST up\n  POST up\n  POST up\n")
		has(t, spans["POST orders"], map[string]any{"rpc.grpc.status_code": int64(14), "error.type": "connect"})
		has(t, spans["POST up"], map[string]any{"rpc.grpc.status_code": nil, "error.type": "connect"})
		if code := spans["POST orders"].Status.GetCode(); code != 2 {
			t.Errorf("it ended by %v", code)
		}
	})
}

// callOver2 makes a gRPC call.
func callOver2(t *testing.T, at string) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+at+"/s.Service/M", strings.NewReader("\x00\x00\x00\x00\x00"))
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/grpc")
	q.Header.Set("Te", "trailers")
	got, err := over2(t).Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	if _, err := io.Copy(io.Discard, got.Body); err != nil {
		t.Fatal(err)
	}
}
