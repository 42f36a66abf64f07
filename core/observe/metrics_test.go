package observe_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/observe"
)

// scrape is the metrics page.
func scrape(t testing.TB, m *observe.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

// expect looks for whole lines.
func expect(t testing.TB, page string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains("\n"+page, "\n"+line+"\n") {
			t.Errorf("no line %q in:\n%s", line, excerpt(page))
		}
	}
}

func refuse(t testing.TB, page, text string) {
	t.Helper()
	if strings.Contains(page, text) {
		t.Errorf("%q in:\n%s", text, excerpt(page))
	}
}

// excerpt is our own part of the page.
func excerpt(page string) string {
	var b strings.Builder
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "weir_") {
			b.WriteString(line)
		}
	}
	return b.String()
}

func TestMetricsOfListenersRoutesAndClusters(t *testing.T) {
	m := observe.NewMetrics("1.2.3")
	l := m.Listener("gateway")
	l.Opened()
	l.Opened()
	l.Closed()
	l.Request()
	l.BadHead(fault.URITooLong)
	l.BadHead(fault.Connect) // not a client's fault, but counted
	r := m.Route("orders")
	r.Done(200, 700*time.Microsecond)
	r.Done(503, 2*time.Second)
	r.Done(0, time.Minute)
	r.Done(999, 0)
	r.Call(grpc.OK)
	r.Call(grpc.Unavailable)
	r.Call(grpc.Unavailable)
	r.Call(grpc.None)
	r.Call(100)
	c := m.Cluster("orders")
	c.Request()
	c.Request()
	c.Retry()
	c.Failed(fault.Connect)
	c.Connected(3 * time.Millisecond)
	page := scrape(t, m)
	expect(t, page,
		`weir_connections_open{listener="gateway"} 1`,
		`weir_connections_total{listener="gateway"} 2`,
		`weir_requests_total{listener="gateway"} 1`,
		`weir_requests_refused_total{listener="gateway",reason="uri_too_long"} 1`,
		`weir_requests_refused_total{listener="gateway",reason="internal"} 1`,
		`weir_requests_refused_total{listener="gateway",reason="bad_request"} 0`,
		`weir_route_requests_total{route="orders",status="2xx"} 1`,
		`weir_route_requests_total{route="orders",status="5xx"} 1`,
		`weir_route_requests_total{route="orders",status="none"} 2`,
		`weir_route_grpc_calls_total{grpc_status="ok",route="orders"} 1`,
		`weir_route_grpc_calls_total{grpc_status="unavailable",route="orders"} 2`,
		`weir_route_request_duration_seconds_bucket{route="orders",le="0.0005"} 1`,
		`weir_route_request_duration_seconds_bucket{route="orders",le="0.001"} 2`,
		`weir_route_request_duration_seconds_count{route="orders"} 4`,
		`weir_cluster_requests_total{cluster="orders"} 2`,
		`weir_cluster_retries_total{cluster="orders"} 1`,
		`weir_cluster_failures_total{cluster="orders",reason="connect"} 1`,
		`weir_cluster_connect_duration_seconds_count{cluster="orders"} 1`,
	)
	for _, part := range []string{`weir_build_info{go="go`, `version="1.2.3"} 1`, "go_goroutines ", "process_start_time_seconds "} {
		if !strings.Contains(page, part) {
			t.Errorf("no %q", part)
		}
	}
}

// TestEveryKindOfFaultIsCounted fails when a kind was added behind the one
// that the counters end with.
func TestEveryKindOfFaultIsCounted(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("there are kinds behind PauseTimeout: numKinds must count them")
		}
	}()
	_ = (fault.PauseTimeout + 1).String()
}

func TestReloadKeepsCountsAndForgetsTheRest(t *testing.T) {
	m := observe.NewMetrics("")
	m.Route("a").Done(200, 0)
	gone := m.Route("b")
	gone.Done(200, 0)
	gone.Call(grpc.Aborted)
	m.Cluster("b").Request()
	m.Listener("b").Request()
	if a := m.Route("a"); a != m.Route("a") {
		t.Error("one name has two handles")
	}
	m.Keep(nil, []string{"a", "c"}, nil)
	gone.Done(200, 0) // a stream of the old snapshot
	page := scrape(t, m)
	expect(t, page, `weir_route_requests_total{route="a",status="2xx"} 1`)
	refuse(t, page, `"b"`)
	m.Route("b")
	expect(t, scrape(t, m), `weir_route_requests_total{route="b",status="2xx"} 0`)
}

func TestNumbersThatOthersKeep(t *testing.T) {
	m := observe.NewMetrics("")
	err := m.Endpoints(func(yield func(observe.Endpoint)) {
		yield(observe.Endpoint{Cluster: "c", Address: "10.0.0.1:80", Active: 3, Requests: 7, Faults: 2})
		yield(observe.Endpoint{Cluster: "\xff", Address: "not text"})
	})
	if err != nil {
		t.Fatal(err)
	}
	err = m.Namespaces(func(yield func(observe.Namespace)) {
		yield(observe.Namespace{VM: "v", Bytes: 1, Limit: 2, RateKeys: 3, Crowded: 4})
	})
	if err != nil {
		t.Fatal(err)
	}
	m.Route("r").Done(200, 0)
	expect(t, scrape(t, m),
		`weir_state_bytes{vm="v"} 1`,
		`weir_state_limit_bytes{vm="v"} 2`,
		`weir_state_rate_keys{vm="v"} 3`,
		`weir_state_rate_crowded_total{vm="v"} 4`,
		`weir_endpoint_requests_active{cluster="c",endpoint="10.0.0.1:80"} 3`,
		`weir_endpoint_requests_total{cluster="c",endpoint="10.0.0.1:80"} 7`,
		`weir_endpoint_faults_total{cluster="c",endpoint="10.0.0.1:80"} 2`,
		`weir_route_requests_total{route="r",status="2xx"} 1`,
	)
	if err := m.Endpoints(func(func(observe.Endpoint)) {}); err == nil {
		t.Error("registered twice")
	}
}
