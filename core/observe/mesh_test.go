package observe_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/observe"
)

func pair(source, route string) observe.Pair {
	return observe.Pair{Direction: "inbound", Source: source, Destination: "spiffe://example.org/orders", Route: route}
}

func TestRequestsBetweenServices(t *testing.T) {
	m := observe.NewMetrics("")
	web := m.Mesh().Pair(pair("spiffe://example.org/web", "r"))
	web.Done(200, false, 3*time.Millisecond)
	web.Done(204, false, time.Millisecond)
	web.Done(404, false, time.Millisecond)
	web.Done(200, true, time.Millisecond) // a gRPC call that failed
	web.Done(503, false, time.Millisecond)
	web.Done(0, false, time.Millisecond)
	m.Mesh().Pair(pair("none", "r")).Done(200, false, time.Millisecond)
	const of = `destination="spiffe://example.org/orders",direction="inbound",route="r",source="spiffe://example.org/web"`
	expect(t, scrape(t, m),
		`weir_mesh_requests_total{`+of+`,status="2xx"} 3`,
		`weir_mesh_requests_total{`+of+`,status="4xx"} 1`,
		`weir_mesh_requests_total{`+of+`,status="5xx"} 1`,
		`weir_mesh_requests_total{`+of+`,status="none"} 1`,
		`weir_mesh_errors_total{`+of+`} 3`,
		`weir_mesh_request_duration_seconds_count{`+of+`,status="2xx"} 3`,
		`weir_mesh_request_duration_seconds_bucket{`+of+`,status="2xx",le="0.0025"} 2`,
		`weir_mesh_requests_total{destination="spiffe://example.org/orders",direction="inbound",route="r",source="none",status="2xx"} 1`,
	)
}

// TestPairsAreBounded: whoever comes late shares a series, and nobody is lost.
func TestPairsAreBounded(t *testing.T) {
	m := observe.NewMetrics("")
	const peers = 2000
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := g; i < peers; i += 4 {
				m.Mesh().Pair(pair(fmt.Sprintf("spiffe://example.org/%d\xff", i), "r")).Done(200, false, 0)
			}
		})
	}
	all.Wait()
	page := scrape(t, m)
	if n := strings.Count(page, "\nweir_mesh_requests_total{"); n != 501 {
		t.Errorf("%d series", n)
	}
	expect(t, page, `weir_mesh_requests_total{destination="other",direction="other",route="other",source="other",status="2xx"} 1500`)
}

// TestPairsGoWithTheirRoutes: a reload forgets those of routes that are gone.
func TestPairsGoWithTheirRoutes(t *testing.T) {
	m := observe.NewMetrics("")
	for _, route := range []string{"old", "new"} {
		m.Mesh().Pair(pair("a", route)).Done(200, false, 0)
	}
	m.Keep(nil, []string{"new"}, nil)
	m.Mesh().Pair(pair("a", "new")).Done(200, false, 0)
	page := scrape(t, m)
	expect(t, page, `weir_mesh_requests_total{destination="spiffe://example.org/orders",direction="inbound",route="new",source="a",status="2xx"} 2`)
	refuse(t, page, `route="old"`)
}
