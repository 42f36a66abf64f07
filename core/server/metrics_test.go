package server_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// counted is a configuration with routes that end in different ways.
func counted(good, flaky, dead, module string) string {
	return fmt.Sprintf(`version = 1
[gateway]
listen = ["127.0.0.1:0"]
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
[[routes]]
name = "good"
match.path_prefix = "/good"
filters = ["one"]
cluster = "good"
[[routes]]
name = "flaky"
match.path_prefix = "/flaky"
cluster = "flaky"
[[routes]]
name = "dead"
match.path_prefix = "/dead"
retries.max = 0
cluster = "dead"
[clusters.good]
endpoints = [%q]
[clusters.flaky]
endpoints = [%q]
[clusters.dead]
endpoints = [%q]
`, good, flaky, dead) + tag("one", module)
}

// exactly waits until each sample has its value, or more: a stream is counted
// just after its client has the answer.
func exactly(t *testing.T, p *coretest.Running, want map[string]float64) {
	t.Helper()
	for sample, n := range want {
		by := time.Now().Add(coretest.Patience)
		got := p.Metric(sample)
		for got < n && time.Now().Before(by) {
			runtime.Gosched()
			got = p.Metric(sample)
		}
		if got != n {
			t.Errorf("%s is %v, want %v", sample, got, n)
		}
	}
}

// TestMetrics: after so many requests the page says so many.
func TestMetrics(t *testing.T) {
	good := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/good/404" {
			w.WriteHeader(404)
		}
	}))
	flaky := coretest.Script(t,
		func(p *coretest.Peer) { p.Head(); p.Reset() },
		func(p *coretest.Peer) { p.Head(); p.Say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"); p.Ended() },
	)
	dead := coretest.Refusing(t)
	toml := counted(good.Addr, flaky.Addr, dead, tagging(t))
	p := coretest.Proxy(t, toml)
	c := coretest.Dial(t, p.Addr("gateway"))
	for path, times := range map[string]int{"/good": 7, "/good/404": 2, "/flaky": 1, "/dead": 3, "/nowhere": 2} {
		for range times {
			c.Send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n")
			c.Read("GET")
		}
	}
	bad := coretest.Dial(t, p.Addr("gateway"))
	bad.Send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
	if r := bad.Read("GET"); r.Status != 400 || !bad.Closed() {
		t.Errorf("%+v", r)
	}
	exactly(t, p, map[string]float64{
		`weir_requests_total{listener="gateway"}`:                               13,
		`weir_requests_refused_total{listener="gateway",reason="no_route"}`:     2,
		`weir_requests_refused_total{listener="gateway",reason="bad_request"}`:  1,
		`weir_requests_refused_total{listener="gateway",reason="head_timeout"}`: 0,
		`weir_connections_total{listener="gateway"}`:                            2,

		`weir_route_requests_total{route="good",status="2xx"}`:             7,
		`weir_route_requests_total{route="good",status="4xx"}`:             2,
		`weir_route_requests_total{route="flaky",status="2xx"}`:            1,
		`weir_route_requests_total{route="dead",status="5xx"}`:             3,
		`weir_route_requests_total{route="dead",status="none"}`:            0,
		`weir_route_request_duration_seconds_count{route="good"}`:          9,
		`weir_route_request_duration_seconds_count{route="dead"}`:          3,
		`weir_route_request_duration_seconds_bucket{route="good",le="60"}`: 9,

		`weir_cluster_requests_total{cluster="good"}`:                                 9,
		`weir_cluster_requests_total{cluster="dead"}`:                                 3,
		`weir_cluster_retries_total{cluster="good"}`:                                  0,
		`weir_cluster_retries_total{cluster="flaky"}`:                                 1,
		`weir_cluster_failures_total{cluster="good",reason="connect"}`:                0,
		`weir_cluster_failures_total{cluster="dead",reason="connect"}`:                3,
		`weir_cluster_connect_duration_seconds_count{cluster="good"}`:                 1,
		`weir_cluster_connect_duration_seconds_count{cluster="flaky"}`:                2,
		`weir_endpoint_requests_total{cluster="good",endpoint="` + good.Addr + `"}`:   9,
		`weir_endpoint_requests_total{cluster="flaky",endpoint="` + flaky.Addr + `"}`: 2,
		`weir_endpoint_faults_total{cluster="good",endpoint="` + good.Addr + `"}`:     0,
		`weir_endpoint_faults_total{cluster="flaky",endpoint="` + flaky.Addr + `"}`:   1,
		`weir_endpoint_faults_total{cluster="dead",endpoint="` + dead + `"}`:          3,
		`weir_endpoint_requests_active{cluster="good",endpoint="` + good.Addr + `"}`:  0,

		`weir_filter_tagged_total{filter="one"}`: 9,
	})
	coretest.Eventually(t, "the connection that was refused is closed", func() bool {
		return p.Metric(`weir_connections_open{listener="gateway"}`) == 1
	})
	t.Run("reload", func(t *testing.T) {
		from, to := strings.Index(toml, "[[routes]]\nname = \"dead\""), strings.Index(toml, "[clusters.good]")
		p.Write(toml[:from] + toml[to:])
		if r := p.Admin("POST", "/reload"); r.Status != 200 {
			t.Fatalf("%+v", r)
		}
		// What stays goes on counting, in the filter too.
		coretest.Get(t, p.Addr("gateway"), "/good")
		exactly(t, p, map[string]float64{
			`weir_route_requests_total{route="good",status="2xx"}`: 8,
			`weir_filter_tagged_total{filter="one"}`:               10,
		})
		if page := p.Admin("GET", "/metrics").Body; strings.Contains(page, `route="dead"`) {
			t.Error("a route that is gone is still shown")
		}
	})
}

// TestMetricsOfRequestsUnderWay looks while requests run.
func TestMetricsOfRequestsUnderWay(t *testing.T) {
	began, release := make(chan bool), make(chan bool)
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		began <- true
		<-release
	}))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	active := `weir_endpoint_requests_active{cluster="up",endpoint="` + up.Addr + `"}`
	var clients []*coretest.Client
	for n := range 3 {
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		<-began
		clients = append(clients, c)
		exactly(t, p, map[string]float64{active: float64(n + 1), `weir_connections_open{listener="gateway"}`: float64(n + 1)})
	}
	close(release)
	for _, c := range clients {
		c.Read("GET")
	}
	coretest.Eventually(t, "none is active", func() bool { return p.Metric(active) == 0 })
}

// TestViews: what the admin's door shows of what runs.
func TestViews(t *testing.T) {
	up := mirror(t, "up")
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("hush-hush"), 0o600); err != nil {
		t.Fatal(err)
	}
	table := strings.Replace(tag("one", tagging(t)), `config = "one"`, fmt.Sprintf(`config = { key = { file = %q }, word = "told" }`, secret), 1)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, `filters = ["one"]`, table))
	r := once(t, p.Addr("gateway"), "/")
	if !strings.Contains(r.Body, `filters={"key":"hush-hush","word":"told"}`) {
		t.Fatalf("the filter was given something else: %+v", r)
	}
	for path, words := range map[string][]string{
		"/config":    {`"version": "test"`, `"file": "` + p.File + `"`, `"told"`},
		"/filters":   {`"one"`, `"fuel"`},
		"/clusters":  {`"up"`, `"address": "` + up.Addr + `"`, `"requests": 1`},
		"/listeners": {`"gateway"`, `"` + p.Addr("gateway") + `"`},
	} {
		got := p.Admin("GET", path)
		for _, w := range words {
			if got.Status != 200 || !strings.Contains(got.Body, w) {
				t.Errorf("%s: %d %s\nwant %s in it", path, got.Status, got.Body, w)
			}
		}
		if strings.Contains(got.Body, "hush-hush") {
			t.Errorf("%s tells a secret: %s", path, got.Body)
		}
	}
}
