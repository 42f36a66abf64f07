package main_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
	"github.com/weirproxy/weir/core/trace/otlp/otlptest"
	"github.com/weirproxy/weir/core/trace/otlp/received"
)

// TestTraceOfAMesh: one request goes through a gateway and the sidecars of two services,
// of which the first asks the second by its own sidecar. All processes speak mTLS with
// each other, and all that each does is in one trace.
func TestTraceOfAMesh(t *testing.T) {
	a, r := identitytest.New(t), otlptest.Listen(t)
	run := func(name, toml string) map[string][]string {
		svid := ofFiles(a.Issue(name, identitytest.Request{URI: "spiffe://a.test/" + name}), a.File)
		toml = strings.Replace(toml, "version = 1\n", "version = 1\nnode = { cluster = \""+name+"\" }\n", 1)
		toml += svid + fmt.Sprintf("[trace]\nendpoint = %q\ninterval = \"50ms\"\n[filters.trace]\nuse = \"trace\"\n", r.URL)
		return start(t, "run", "-c", write(t, "", "proxy.toml", toml)).ready().Listen
	}
	member := func(name, app, peer string) map[string][]string {
		return run(name, strings.NewReplacer(
			"[sidecar]\n", "[sidecar]\nfilters = [\"trace\"]\n",
			"on = [\"inbound\"]", "name = \"served\"\non = [\"inbound\"]", "on = [\"outbound\"]", "name = \"asked\"\non = [\"outbound\"]",
		).Replace(sidecar("", app, peer, "spiffe://a.test/orders")))
	}
	told := make(chan string, 1)
	orders := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		told <- q.Header.Get("Traceparent")
		w.WriteHeader(http.StatusTeapot)
	}))
	inOrders := member("orders", orders.Addr, nowhere)["inbound"][0]
	var outWeb string
	web := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		ask, err := http.NewRequestWithContext(q.Context(), "GET", "http://"+outWeb+"/orders/7", nil)
		if err != nil {
			t.Error(err)
			return
		}
		ask.Header.Set("Traceparent", q.Header.Get("Traceparent")) // all that a service has to do
		got, err := http.DefaultClient.Do(ask)
		if err != nil {
			t.Error(err)
			return
		}
		_ = got.Body.Close()
		w.WriteHeader(got.StatusCode)
	}))
	sidecars := member("web", web.Addr, inOrders)
	outWeb = sidecars["outbound"][0]
	edge := run("edge", gateway("127.0.0.1:1", fmt.Sprintf("[clusters.web]\nendpoints = [%q]\nprotocol = \"http2\"\ntls = { mesh = true, peers = [\"spiffe://a.test/web\"] }\n[[routes]]\nname = \"shop\"\nmatch = { path_prefix = \"/shop\" }\nfilters = [\"trace\"]\ncluster = \"web\"\n", sidecars["inbound"][0])))["gateway"][0]

	if got := coretest.Get(t, edge, "/shop", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"); got.Status != http.StatusTeapot {
		t.Fatalf("answered %d", got.Status)
	}
	const want = `edge: GET shop
  edge: GET web
    web: GET served
      web: GET app
        web: GET asked
          web: GET peer
            orders: GET served
              orders: GET app
`
	of := func(s received.Span) string { return fmt.Sprint(s.Resource["service.name"], ": ", s.Name) }
	tree := ""
	coretest.Eventually(t, "all spans are there", func() bool {
		tree = received.Tree(r.Spans(), of)
		return strings.Count(tree, "\n") == strings.Count(want, "\n")
	})
	if tree != want {
		t.Fatalf("the trace is\n%swant\n%s", tree, want)
	}
	for _, s := range r.Spans() {
		if of(s) == "orders: GET app" {
			if got, want := <-told, "00-"+s.Trace()+"-"+s.ID()+"-01"; got != want {
				t.Errorf("the last service is told %q, want %q", got, want)
			}
		}
		if s.Trace() == "0af7651916cd43dd8448eb211c80319c" {
			t.Errorf("%s is in a stranger's trace", of(s))
		}
		const web, orders = "spiffe://a.test/web", "spiffe://a.test/orders"
		want := map[string][2]any{ // source, destination
			"edge: GET web":      {nil, web},
			"web: GET served":    {"spiffe://a.test/edge", nil},
			"web: GET peer":      {nil, orders},
			"orders: GET served": {web, nil},
		}[of(s)]
		if want == [2]any{} {
			continue
		}
		has := s.Attributes()
		if got := [2]any{has["weir.source.identity"], has["weir.destination.identity"]}; got != want {
			t.Errorf("%s is from %v to %v, want %v", of(s), got[0], got[1], want)
		}
	}
}
