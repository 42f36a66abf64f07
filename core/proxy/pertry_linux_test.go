package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/sock/socktest"
)

// patient is a cluster whose own bounds of connecting are beyond a test's.
const patient = "connect_timeout = \"60s\"\npending_wait = \"60s\"\nretry_budget = 1.0\nbalance = \"round_robin\"\n"

// tries are the keys of a route that bounds each.
func tries(perTry string, again int) string {
	return fmt.Sprintf("per_try = %q\nretries = { max = %d, back_off = \"1ms\" }", perTry, again)
}

func faultsOf(p *coretest.Running, endpoint string) float64 {
	return p.Metric(`weir_endpoint_faults_total{cluster="up",endpoint="` + endpoint + `"}`)
}

// TestBlackHoleCostsATry: an endpoint that neither takes nor refuses connections is left
// for another when the try's time is over, with a request of any kind. It is blamed.
func TestBlackHoleCostsATry(t *testing.T) {
	up, hole := coretest.Serve(t, echo), socktest.BlackHole(t)
	toml := strings.Replace(coretest.Gateway(up.Addr, tries("2s", 3)), "endpoints = [", fmt.Sprintf("endpoints = [%q, ", hole), 1)
	p := coretest.Proxy(t, toml+patient)
	for faultsOf(p, hole) == 0 { // until one has come to the hole first
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
		if r := c.Read("POST"); r.Status != 200 || r.Body != "abc" {
			t.Fatalf("%+v", r)
		}
	}
}

// TestTryBoundsConnecting: whatever a connection waits for, before it carries a
// request or while it is to carry one whose body is not there yet.
func TestTryBoundsConnecting(t *testing.T) {
	silent := coretest.Script(t, func(p *coretest.Peer) { p.Ended() }).Addr
	for name, tt := range map[string]struct{ addr, keys string }{
		"TCP":    {socktest.BlackHole(t), ""},
		"TLS":    {silent, "[clusters.up.tls]\n"},
		"HTTP/2": {silent, "protocol = \"http2\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := coretest.Proxy(t, coretest.Gateway(tt.addr, tries("50ms", 0), "[trust]\nreason = true")+patient+tt.keys)
			for _, body := range []string{"abc", ""} { // whole, and none of it
				c := coretest.Dial(t, p.Addr("gateway"))
				c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n" + body)
				if r := c.Read("POST"); r.Status != 504 || r.Header.Get("X-Weir-Reason") != "connect_timeout" {
					t.Errorf("%+v, want 504", r)
				}
			}
			if n := faultsOf(p, tt.addr); n != 2 {
				t.Errorf("%v faults of the endpoint, want 2", n)
			}
		})
	}
}

// TestTryBoundsWaitingForAPlace: an endpoint whose connections are all in use is left for
// another when the try's time is over. It is not blamed.
func TestTryBoundsWaitingForAPlace(t *testing.T) {
	up := coretest.Serve(t, endless(t))
	t.Run("elsewhere", func(t *testing.T) {
		other := coretest.Serve(t, echo)
		toml := strings.Replace(coretest.Gateway(up.Addr, tries("2s", 3)), "endpoints = [", fmt.Sprintf("endpoints = [%q, ", other.Addr), 1)
		p := coretest.Proxy(t, toml+patient+"connections = 1\n")
		occupy(t, p, up.Addr)
		for range 2 { // one of them came to the busy one first
			c := coretest.Dial(t, p.Addr("gateway"))
			c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
			if r := c.Read("POST"); r.Status != 200 || r.Body != "abc" {
				t.Fatalf("%+v", r)
			}
		}
		if n := faultsOf(p, up.Addr); n != 0 {
			t.Errorf("%v faults of the busy endpoint", n)
		}
	})
	t.Run("nowhere", func(t *testing.T) {
		p := coretest.Proxy(t, coretest.Gateway(up.Addr, tries("50ms", 1), "[trust]\nreason = true")+patient+"connections = 1\n")
		occupy(t, p, up.Addr)
		if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Status != 504 || r.Header.Get("X-Weir-Reason") != "per_try_timeout" {
			t.Errorf("%+v, want 504", r)
		}
		if n := faultsOf(p, up.Addr); n != 0 {
			t.Errorf("%v faults of the busy endpoint", n)
		}
	})
}

// endless answers the head at once, and its body never ends before the test.
func endless(t *testing.T) http.Handler {
	over := make(chan bool)
	t.Cleanup(func() { close(over) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "endless")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-over:
		case <-r.Context().Done():
		}
	})
}

// occupy asks until an endpoint gives an answer that does not end.
func occupy(t *testing.T, p *coretest.Running, endpoint string) {
	t.Helper()
	for p.Metric(`weir_endpoint_requests_active{cluster="up",endpoint="`+endpoint+`"}`) == 0 {
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		if got := c.Line(); got != "HTTP/1.1 200 OK" {
			t.Fatalf("%q", got)
		}
	}
}
