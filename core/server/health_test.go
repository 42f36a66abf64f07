package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/server"
)

// patient is a service that tells its name, and that it is ill when told so.
type patient struct {
	*coretest.Upstream
	ill    atomic.Bool // health checks fail
	broken atomic.Bool // requests fail
	checks atomic.Int64
}

func newPatient(t *testing.T, name string) *patient {
	p := new(patient)
	p.Upstream = coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			p.checks.Add(1)
			if p.ill.Load() {
				w.WriteHeader(500)
			}
			return
		}
		if p.broken.Load() {
			w.WriteHeader(502)
		}
		fmt.Fprint(w, name)
	}))
	return p
}

// hospital is a proxy's configuration with the patients in one cluster.
func hospital(tables string, patients ...*patient) string {
	var addrs []string
	for _, p := range patients {
		addrs = append(addrs, fmt.Sprintf("%q", p.Addr))
	}
	toml := coretest.Gateway("127.0.0.1:1", "retries.max = 0") + "balance = \"round_robin\"\n" + tables
	return strings.Replace(toml, `["127.0.0.1:1"]`, "["+strings.Join(addrs, ", ")+"]", 1)
}

// serving are the names of the services that requests come to.
func serving(t *testing.T, p *coretest.Running) string {
	t.Helper()
	var names []string
	for range 12 {
		if r := coretest.Get(t, p.Addr("gateway"), "/"); !slices.Contains(names, r.Body) {
			names = append(names, r.Body)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

const quickChecks = "[clusters.up.health]\npath = \"/healthz\"\ninterval = \"10ms\"\ntimeout = \"20s\"\nunhealthy_after = 2\n"

// TestHealth takes an endpoint out and back, over a reload that does not touch
// its cluster and one that does.
func TestHealth(t *testing.T) {
	a, b, c := newPatient(t, "a"), newPatient(t, "b"), newPatient(t, "c")
	toml := hospital(quickChecks, a, b, c)
	p := coretest.Proxy(t, toml)
	healthy := func(of *patient) float64 {
		return p.Metric(fmt.Sprintf(`weir_endpoint_healthy{cluster="up",endpoint=%q}`, of.Addr))
	}
	coretest.Eventually(t, "all are checked", func() bool { return a.checks.Load() > 1 && b.checks.Load() > 1 && c.checks.Load() > 1 })
	if got := serving(t, p); got != "a b c" || healthy(b) != 1 {
		t.Errorf("%s serve, healthy %v", got, healthy(b))
	}

	b.ill.Store(true)
	coretest.Eventually(t, "b is out", func() bool { return healthy(b) == 0 })
	if got := serving(t, p); got != "a c" {
		t.Errorf("%s serve while b is ill", got)
	}
	if !p.Log.Has("endpoint is unhealthy", b.Addr, "answered 500") {
		t.Error("the log does not say so")
	}
	view := clusterHealth(t, p, b.Addr)
	if view.Healthy || view.Since == "" || view.Failures < 2 || !strings.Contains(view.Error, "answered 500") {
		t.Errorf("the admin's door shows %+v", view)
	}

	p.Write(toml + "\n# another word\n")
	if err := p.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := serving(t, p); got != "a c" {
		t.Errorf("%s serve after a reload", got)
	}

	b.ill.Store(false)
	coretest.Eventually(t, "b is back", func() bool { return healthy(b) == 1 })
	if got := serving(t, p); got != "a b c" || !p.Log.Has("endpoint is healthy", b.Addr) {
		t.Errorf("%s serve at the end", got)
	}

	p.Write(hospital("", a, b, c))
	if err := p.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, of := range []*patient{a, b, c} {
		if got := healthy(of); got != 1 {
			t.Errorf("without checks, healthy is %v", got)
		}
	}
}

type endpointHealth struct {
	Healthy          bool
	Since, Error     string
	Checks, Failures int
	Ejected          bool
}

// clusterHealth is what the admin's door shows of an endpoint of the cluster up.
func clusterHealth(t *testing.T, p *coretest.Running, addr string) endpointHealth {
	t.Helper()
	var clusters []struct {
		Endpoints []struct {
			Address string
			Health  endpointHealth
		}
	}
	if err := json.Unmarshal([]byte(p.Admin("GET", "/clusters").Body), &clusters); err != nil {
		t.Fatal(err)
	}
	for _, e := range clusters[0].Endpoints {
		if e.Address == addr {
			return e.Health
		}
	}
	t.Fatalf("no endpoint %s", addr)
	return endpointHealth{}
}

// TestPanic: when all are ill all are used, unless the file says never.
func TestPanic(t *testing.T) {
	for threshold, want := range map[string]string{"": "a b", "panic_threshold = 0\n": "no_endpoint"} {
		a, b := newPatient(t, "a"), newPatient(t, "b")
		a.ill.Store(true)
		b.ill.Store(true)
		p := coretest.Proxy(t, strings.Replace(hospital(threshold+quickChecks, a, b), "[admin]", "[trust]\nreason = true\n[admin]", 1))
		coretest.Eventually(t, "both are ill", func() bool {
			return !clusterHealth(t, p, a.Addr).Healthy && !clusterHealth(t, p, b.Addr).Healthy
		})
		if want == "no_endpoint" {
			if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Status != 503 || r.Header.Get("x-weir-reason") != want {
				t.Errorf("%d %v, want 503 %s", r.Status, r.Header, want)
			}
			continue
		}
		if got := serving(t, p); got != want || !p.Log.Has("all endpoints are used", `"panic_threshold":0.5`) {
			t.Errorf("%s serve, want %s", got, want)
		}
	}
}

// TestEjection: an endpoint whose answers fail is left out, and comes back.
func TestEjection(t *testing.T) {
	a, b := newPatient(t, "a"), newPatient(t, "b")
	a.broken.Store(true)
	p := coretest.Proxy(t, hospital("[clusters.up.outlier]\nfaults = 3\ntime = \"1h\"\nmax_time = \"1h\"\n", a, b))
	serving(t, p)
	if got := serving(t, p); got != "b" || !clusterHealth(t, p, a.Addr).Ejected || !p.Log.Has("endpoint is ejected", a.Addr, `"faults_in_a_row":3`) {
		t.Errorf("%s serve, %+v", got, clusterHealth(t, p, a.Addr))
	}
	if n := p.Metric(fmt.Sprintf(`weir_endpoint_ejections_total{cluster="up",endpoint=%q}`, a.Addr)); n != 1 {
		t.Errorf("%v ejections are counted", n)
	}
}

// TestChecksOfAFileThatIsOnlyLookedAt are not made.
func TestChecksOfAFileThatIsOnlyLookedAt(t *testing.T) {
	a := newPatient(t, "a")
	p := coretest.Proxy(t, coretest.Gateway(a.Addr))
	p.Write(hospital(quickChecks, a))
	if err := server.Check(context.Background(), server.Options{File: p.File, Overrides: config.Overrides{}}); err != nil {
		t.Fatal(err)
	}
	if n := a.Connections(); n != 0 {
		t.Errorf("%d connections to the endpoint", n)
	}
}

// TestHealthGRPC asks a service of HTTP/2 by the gRPC health protocol.
func TestHealthGRPC(t *testing.T) {
	var ill atomic.Bool
	m := http.NewServeMux()
	m.HandleFunc("POST /grpc.health.v1.Health/Check", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("content-type", "application/grpc")
		w.Header().Set("trailer", "grpc-status")
		status := byte(1)
		if ill.Load() {
			status = 2
		}
		_, _ = w.Write([]byte{0, 0, 0, 0, 2, 8, status})
		w.Header().Set("grpc-status", "0")
	})
	up := coretest.ServeHTTP2(t, m)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr)+"protocol = \"http2\"\n[clusters.up.health]\nkind = \"grpc\"\nservice = \"shop.Orders\"\ninterval = \"10ms\"\ntimeout = \"20s\"\n")
	view := func() endpointHealth { return clusterHealth(t, p, up.Addr) }
	coretest.Eventually(t, "the service is checked", func() bool { return view().Checks > 3 })
	if v := view(); !v.Healthy || v.Failures != 0 {
		t.Errorf("%+v", v)
	}
	ill.Store(true)
	coretest.Eventually(t, "the service is out", func() bool { return !view().Healthy })
	if !p.Log.Has("endpoint is unhealthy", "is not serving: status 2") {
		t.Error("the log does not say why")
	}
	ill.Store(false)
	coretest.Eventually(t, "the service is back", func() bool { return view().Healthy })
	if n := up.Connections(); n > 2 {
		t.Errorf("%d connections for checks that all were answered", n)
	}
}
