package main_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestJaeger sends a request through a gateway and a sidecar, each a process of its
// own, and asks Jaeger, which ".ci/deps.sh jaeger" builds, for the one trace that this
// left. WEIR_JAEGER=required makes Jaeger's absence a failure.
func TestJaeger(t *testing.T) {
	tool, err := filepath.Abs("../../.deps/bin/jaeger")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tool); err != nil {
		if os.Getenv("WEIR_JAEGER") == "required" {
			t.Fatal("no Jaeger here: .ci/deps.sh jaeger")
		}
		t.Skip("no Jaeger here: .ci/deps.sh jaeger; then make test-jaeger")
	}
	receiver, query := startJaeger(t, tool)
	told := make(chan string, 1)
	app := coretest.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told <- r.Header.Get("traceparent") }))
	sidecar := start(t, "run", "-c", write(t, "", "proxy.toml", tracedRole("sidecar", receiver, `[sidecar]
app = "`+app.Addr+`"
inbound = "127.0.0.1:0"
outbound = ""
filters = ["trace"]
[[routes]]
name = "app"
match = { path_prefix = "/" }
on = ["inbound"]
cluster = "app"
`)))
	gateway := start(t, "run", "-c", write(t, "", "proxy.toml", tracedRole("gateway", receiver, `[gateway]
listen = ["127.0.0.1:0"]
filters = ["trace", "requestid"]
[filters.requestid]
use = "requestid"
[[routes]]
name = "orders"
match = { path_prefix = "/orders" }
cluster = "orders"
[clusters.orders]
endpoints = ["`+sidecar.ready().Listen["inbound"][0]+`"]
`)))
	if got := coretest.Get(t, gateway.ready().Listen["gateway"][0], "/orders/7"); got.Status != 200 {
		t.Fatalf("answered %d", got.Status)
	}
	parts := strings.Split(<-told, "-")
	if len(parts) != 4 || parts[3] != "01" {
		t.Fatalf("the app is told %q", parts)
	}
	const want = `weir-gateway: GET orders
  weir-gateway: filter requestid
  weir-gateway: GET orders
    weir-sidecar: GET app
      weir-sidecar: GET app
`
	got := ""
	coretest.Eventually(t, "Jaeger has the trace", func() bool {
		got = jaegerTree(t, query+"/api/traces/"+parts[1])
		return strings.Count(got, "\n") == strings.Count(want, "\n")
	})
	if got != want {
		t.Errorf("the trace is\n%swant\n%s", got, want)
	}
	if strings.Contains(sidecar.log.String()+gateway.log.String(), "spans cannot be sent") {
		t.Error("spans were not sent at once")
	}
}

// tracedRole is a configuration with the filter trace.
func tracedRole(role, receiver, rest string) string {
	return fmt.Sprintf(`version = 1
role = %q
[admin]
listen = ""
[timeouts]
drain_delay = "0s"
[trace]
endpoint = %q
interval = "50ms"
[filters.trace]
use = "trace"
%s`, role, receiver, rest)
}

// startJaeger starts Jaeger, which keeps traces in memory, and answers where it takes
// spans and where it is asked for them.
func startJaeger(t *testing.T, tool string) (receiver, query string) {
	t.Helper()
	var ports []string // Jaeger does not tell which it took
	args := []string{"--log-level=error"}
	for _, flag := range []string{
		"collector.otlp.http.host-port", "query.http-server.host-port", "collector.otlp.grpc.host-port", "collector.grpc-server.host-port",
		"collector.http-server.host-port", "query.grpc-server.host-port", "admin.http.host-port",
	} {
		ports = append(ports, coretest.Refusing(t))
		args = append(args, "--"+flag+"="+ports[len(ports)-1])
	}
	var log coretest.Log
	cmd := exec.Command(tool, args...)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("Jaeger's log:\n%s", &log)
		}
	})
	coretest.Eventually(t, "Jaeger answers", func() bool {
		for _, port := range ports[:2] {
			c, err := net.Dial("tcp", port)
			if err != nil {
				return false
			}
			_ = c.Close()
		}
		return true
	})
	return "http://" + ports[0] + "/v1/traces", "http://" + ports[1]
}

// jaegerSpan is a span as Jaeger's API has it.
type jaegerSpan struct {
	SpanID        string
	OperationName string
	ProcessID     string
	StartTime     int64
	References    []struct{ RefType, SpanID string }
}

// jaegerTree is a trace as a tree, a line for each span; "" while it is not there.
func jaegerTree(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	var answer struct {
		Data []struct {
			Spans     []jaegerSpan
			Processes map[string]struct{ ServiceName string }
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&answer); err != nil || len(answer.Data) != 1 {
		return ""
	}
	trace := answer.Data[0]
	slices.SortStableFunc(trace.Spans, func(a, b jaegerSpan) int { return int(a.StartTime - b.StartTime) })
	var out strings.Builder
	var below func(parent, indent string)
	below = func(parent, indent string) {
		for _, s := range trace.Spans {
			of := ""
			if len(s.References) > 0 {
				of = s.References[0].SpanID
			}
			if of == parent {
				fmt.Fprintf(&out, "%s%s: %s\n", indent, trace.Processes[s.ProcessID].ServiceName, s.OperationName)
				below(s.SpanID, indent+"  ")
			}
		}
	}
	below("", "")
	return out.String()
}
