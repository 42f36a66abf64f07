package filters_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/trace/otlp/otlptest"
	"github.com/weirproxy/weir/filters"
)

// builtins are this checkout's filters, for a whole proxy.
type builtins struct{ code []byte }

func (b builtins) Module() ([]byte, error) { return b.code, nil }
func (builtins) Names() []string           { return filters.Names() }

// traced runs a proxy whose route has the filter trace with a configuration, as TOML,
// and the given filters behind it. Rest goes into the file behind the route.
func traced(t *testing.T, r *otlptest.Receiver, upstream, config, others, rest string) *coretest.Running {
	t.Helper()
	w, err := world()
	if err != nil {
		t.Fatal(err)
	}
	return coretest.ProxyWith(t, fmt.Sprintf(`version = 1
[gateway]
listen = ["127.0.0.1:0"]
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
[trace]
endpoint = %q
interval = "10ms"
[filters.trace]
use = "trace"
config = { %s }
[[routes]]
name = "orders"
match = { path_prefix = "/" }
filters = ["trace"%s]
cluster = "up"
%s
[clusters.up]
endpoints = [%q]
`, r.URL, config, others, rest, upstream)+coretest.Wasm(), coretest.Options{Builtins: builtins{w.Code()}})
}

// awaitTree waits for the spans of a request, and is their tree.
func awaitTree(t *testing.T, r *otlptest.Receiver, want string) {
	t.Helper()
	coretest.Eventually(t, "the spans", func() bool { return len(r.Spans()) > 0 && otlptest.Tree(r.Spans()) == want })
}

func TestARequestLeavesItsSpans(t *testing.T) {
	seen := make(chan string, 1)
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { seen <- q.Header.Get("traceparent") }))
	r := otlptest.Listen(t)
	p := traced(t, r, up.Addr, "", "", "")
	if got := coretest.Get(t, p.Addr("gateway"), "/a?b=c"); got.Status != 200 {
		t.Fatalf("answered %d", got.Status)
	}
	awaitTree(t, r, "GET orders\n  GET up\n")
	t.Log(<-seen)
	for _, s := range r.Spans() {
		t.Log(s.Name, s.Attributes(), s.Resource)
	}
}
