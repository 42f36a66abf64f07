package filters_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/trace/otlp/otlptest"
)

// everywhere is the configuration of traced with the filter trace before all routes, of
// which there is one for /orders.
func everywhere(r *otlptest.Receiver, upstream, config string, rest ...string) string {
	toml := tracedFile(r, []string{upstream}, config, nil, rest...)
	return strings.NewReplacer(
		"[gateway]\n", "[gateway]\nfilters = [\"trace\"]\n",
		"filters = [\"trace\"]\ncluster", "cluster", `path_prefix = "/"`, `path_prefix = "/orders"`,
	).Replace(toml)
}

// TestRefusedRequestsLeaveASpan, by the filter trace that stands before all routes, and
// say why they were refused.
func TestRefusedRequestsLeaveASpan(t *testing.T) {
	long := "x-long: " + strings.Repeat("a", 70_000) + "\r\n"
	for name, c := range map[string]struct {
		request string
		status  int64
		span    string
		why     string
		heeded  bool // the caller's trace is gone on with
		failed  bool
	}{
		"no route":                {"GET /nowhere HTTP/1.1\r\nHost: a\r\n" + strangers + "\r\n\r\n", 404, "GET", "no_route", true, false},
		"two hosts":               {"GET /orders HTTP/1.1\r\nHost: a\r\nHost: b\r\n" + strangers + "\r\n\r\n", 400, "GET", "bad_request", false, false},
		"two lengths":             {"POST /orders HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "POST", "bad_request", false, false},
		"no line of a request":    {"hello\r\n\r\n", 400, "HTTP", "bad_request", false, false},
		"a path that cannot be":   {"GET /orders/%zz HTTP/1.1\r\nHost: a\r\n" + strangers + "\r\n\r\n", 400, "GET", "bad_request", true, false},
		"a head that is too long": {"GET /orders HTTP/1.1\r\nHost: a\r\n" + long + "\r\n", 431, "HTTP", "head_too_large", false, false},
		"a line that is too long": {"GET /" + strings.Repeat("a", 70_000), 414, "HTTP", "uri_too_long", false, false},
		"another version":         {"GET / HTTP/3.0\r\n\r\n", 505, "HTTP", "version", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := otlptest.Listen(t)
			p := runFile(t, everywhere(r, coretest.Refusing(t), `parent = "all"`))
			client := coretest.Dial(t, p.Addr("gateway"))
			client.Send(c.request)
			if got := client.Read("GET"); int64(got.Status) != c.status {
				t.Fatalf("answered %d, want %d", got.Status, c.status)
			}
			s := awaitTree(t, r, c.span+"\n")[c.span]
			has(t, s, map[string]any{"http.response.status_code": c.status, "error.type": c.why, "weir.listener": "gateway", "weir.route": nil})
			if failed := s.Status.GetCode() != 0; failed != c.failed {
				t.Errorf("it has failed for us: %v", failed)
			}
			if heeded := s.Parent() == "b7ad6b7169203331"; heeded != c.heeded {
				t.Errorf("its parent is %q", s.Parent())
			}
			if line := accessLog(t, p); !strings.Contains(line, `"trace_id":"`+s.Trace()+`"`) {
				t.Errorf("the access log has %s", line)
			}
		})
	}
}

// TestShedRequestsLeaveASpan of the route that they were for.
func TestShedRequestsLeaveASpan(t *testing.T) {
	began, release := make(chan bool), make(chan bool)
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { began <- true; <-release }))
	r := otlptest.Listen(t)
	p := traced(t, r, []string{up.Addr}, "", nil, "[limits]\nin_flight = 1\nqueue = 0")
	inside := coretest.Dial(t, p.Addr("gateway"))
	inside.Send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n")
	<-began
	if got := coretest.Get(t, p.Addr("gateway"), "/second"); got.Status != 503 {
		t.Fatalf("answered %d", got.Status)
	}
	s := awaitTree(t, r, "GET orders\n")["GET orders"]
	has(t, s, map[string]any{"url.path": "/second", "http.response.status_code": int64(503), "error.type": "overload"})
	if s.Status.GetCode() != 2 {
		t.Errorf("its status is %v, want an error", s.Status)
	}
	close(release)
	inside.Read("GET")
}

// TestWhoIsTracedWithoutARoute: who is left out where no route is found, and who where
// there is nobody to answer.
func TestWhoIsTracedWithoutARoute(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := otlptest.Listen(t)
	all := everywhere(r, up.Addr, "")
	for name, c := range map[string]struct{ toml, want string }{
		"by all":                {all, "/nowhere /x/%zz /x/nowhere"},
		"by all, of some paths": {strings.Replace(all, `filters = ["trace"]`, `filters = [{ name = "trace", when = { path_prefix = "/x" } }]`, 1), "/x/nowhere"},
		"by a route":            {strings.Replace(tracedFile(r, []string{up.Addr}, "", nil), `path_prefix = "/"`, `path_prefix = "/orders"`, 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(r.Spans())
			p := runFile(t, c.toml)
			at := p.Addr("gateway")
			for _, path := range []string{"/nowhere", "/x/nowhere", "/x/%zz"} {
				if got := coretest.Get(t, at, path); got.Status/100 != 4 {
					t.Errorf("%s: answered %d", path, got.Status)
				}
			}
			gone := coretest.Dial(t, at)
			gone.Send("GET /x/gone HTTP/1.1\r\nHost:")
			gone.Reset()
			coretest.Eventually(t, "it is gone", func() bool {
				return p.Metric(`weir_requests_refused_total{listener="gateway",reason="client_gone"}`) == 1
			})
			if err := p.Stop(); err != nil { // which sends what there is
				t.Fatal(err)
			}
			var got []string
			for _, s := range r.Spans()[before:] {
				got = append(got, fmt.Sprint(s.Attributes()["url.path"]))
			}
			slices.Sort(got) // a stream leaves its span when its client has the answer already
			if strings.Join(got, " ") != c.want {
				t.Errorf("the spans are of %q, want %q", got, c.want)
			}
		})
	}
}
