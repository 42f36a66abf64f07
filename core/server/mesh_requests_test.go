package server_test

import (
	"net/http"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// TestRequestsBetweenServices: both sides of a sidecar count who asks whom; a
// gateway does not.
func TestRequestsBetweenServices(t *testing.T) {
	p := coretest.ProxyWith(t, bothRoles(mirror(t, "app").Addr, mirror(t, "orders").Addr, tagging(t)), coretest.Options{Role: "gateway+sidecar"})
	for _, side := range []string{"inbound", "outbound", "gateway"} {
		from(t, p.Addr(side), "orders", "/")
	}
	from(t, p.Addr("outbound"), "unheard-of", "/")
	for _, sample := range []string{
		`weir_mesh_requests_total{destination="app",direction="inbound",route="to-app",source="none",status="2xx"}`,
		`weir_mesh_requests_total{destination="orders",direction="outbound",route="to-orders",source="none",status="2xx"}`,
		`weir_mesh_request_duration_seconds_count{destination="orders",direction="outbound",route="to-orders",source="none",status="2xx"}`,
	} {
		coretest.Eventually(t, sample, func() bool { return p.Metric(sample) == 1 })
	}
	if v := p.Metric(`weir_mesh_errors_total{destination="orders",direction="outbound",route="to-orders",source="none"}`); v != 0 {
		t.Errorf("%v errors", v)
	}
}

// TestRequestsBetweenMembers: where both sides show who they are, each counts by that.
func TestRequestsBetweenMembers(t *testing.T) {
	a := identitytest.New(t)
	orders := coretest.Proxy(t, member{identity: identityTable(svid(a, ordersID), a.File), app: said(t, "orders").Addr}.toml())
	web := coretest.Proxy(t, member{identity: identityTable(svid(a, webID), a.File), peer: orders.Addr("inbound")}.toml())
	if r := from(t, web.Addr("outbound"), "orders", "/"); r.Status != 200 {
		t.Fatalf("%+v", r)
	}
	for _, side := range []struct {
		at               *coretest.Running
		direction, route string
	}{{web, "outbound", "to-peer"}, {orders, "inbound", "to-app"}} {
		sample := `weir_mesh_requests_total{destination="` + ordersID + `",direction="` + side.direction + `",route="` + side.route + `",source="` + webID + `",status="2xx"}`
		coretest.Eventually(t, sample, func() bool { return side.at.Metric(sample) == 1 })
	}
}

// TestErrorsBetweenMembers: over HTTP/2 too, failures are counted by who asked whom on
// both sides, and where a peer is another than was meant, on the side that found out.
func TestErrorsBetweenMembers(t *testing.T) {
	a := identitytest.New(t)
	app := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
	orders := coretest.Proxy(t, member{identity: identityTable(svid(a, ordersID), a.File), app: app.Addr, mtls: "permissive"}.toml())
	web := coretest.Proxy(t, member{identity: identityTable(svid(a, webID), a.File), peer: orders.Addr("inbound"), protocol: "http2"}.toml())
	wary := coretest.Proxy(t, member{identity: identityTable(svid(a, webID), a.File), peer: orders.Addr("inbound"), peers: "spiffe://a.test/payments"}.toml())
	for at, want := range map[string]int{web.Addr("outbound"): 503, orders.Addr("inbound"): 503, wary.Addr("outbound"): 502} {
		if r := coretest.Get(t, at, "/"); r.Status != want {
			t.Errorf("answered %d, want %d", r.Status, want)
		}
	}
	errors := func(p *coretest.Running, direction, route, source, destination string) {
		t.Helper()
		sample := `weir_mesh_errors_total{destination="` + destination + `",direction="` + direction + `",route="` + route + `",source="` + source + `"}`
		coretest.Eventually(t, sample, func() bool { return p.Metric(sample) == 1 })
	}
	errors(web, "outbound", "to-peer", webID, ordersID)
	errors(orders, "inbound", "to-app", webID, ordersID)
	errors(orders, "inbound", "to-app", "none", ordersID) // in clear nobody shows anything
	errors(wary, "outbound", "to-peer", webID, "peer")    // nobody that it may ask is there
}
