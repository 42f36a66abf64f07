package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// asked is a service that lets "Bearer good" pass.
func asked(t *testing.T) *coretest.Upstream {
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch token := r.Header.Get("Authorization"); {
		case r.URL.Path == "/second":
			w.Header().Set("X-User", "of the second answer")
		case token == "Bearer good":
			w.Header().Set("X-User", "ann"+r.URL.Path)
			fmt.Fprint(w, "pass")
		default:
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, "no %q", token)
		}
	}))
}

// quick ends a cluster's table so that its idle connections are closed soon.
const quick = "idle_timeout = \"100ms\"\n"

// asking is a proxy whose filter asks the service at addr.
func asking(t *testing.T, up, addr, config string, keys ...string) *coretest.Running {
	keys = append(keys, config, `calls = ["auth"]`)
	return coretest.Proxy(t, coretest.Gateway(up, chained("auth"), coretest.Wasm(),
		coretest.FilterTable("auth", coretest.Guest(t), "auth", keys...), clusters("auth", addr)+quick)+quick)
}

func TestGuestAsksBeforeItPasses(t *testing.T) {
	up := newUpstream(t)
	p := asking(t, up.Addr, asked(t).Addr, `config = { cluster = "auth", path = "/check" }`)
	at := p.Addr("gateway")
	t.Run("it passes", func(t *testing.T) {
		r := coretest.Get(t, at, "/orders", "Authorization: Bearer good", "X-User: forged")
		got := up.last(t)
		if r.Status != 200 || r.Body != "fine" || got.path != "/orders" || fmt.Sprint(got.header["X-User"]) != "[ann/check/orders]" {
			t.Errorf("%+v, upstream %+v", r, got)
		}
	})
	t.Run("it is denied", func(t *testing.T) {
		before := len(up.requests())
		r := coretest.Get(t, at, "/orders", "Authorization: Bearer bad")
		if r.Status != 401 || r.Body != `denied: no "Bearer bad"` || r.Header.Get("Www-Authenticate") != "Bearer" {
			t.Errorf("%+v", r)
		}
		if len(up.requests()) != before {
			t.Error("a denied request came to the upstream")
		}
	})
	t.Run("a body waits for the answer", func(t *testing.T) {
		body := strings.Repeat("0123456789", 20_000)
		r := post(t, at, "/upload", body, "Authorization: Bearer good")
		if got := up.last(t); r.Status != 200 || got.body != body || got.err != nil {
			t.Errorf("%+v, %d of %d bytes came, %v", r, len(got.body), len(body), got.err)
		}
	})
	t.Run("a connection goes on after a denial", func(t *testing.T) {
		c := coretest.Dial(t, at)
		for i, token := range []string{"bad", "good", "bad", "good"} {
			c.Send("GET /again HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n\r\n")
			if r := c.Read("GET"); r.Status != []int{401, 200}[i%2] {
				t.Errorf("request %d: %+v", i, r)
			}
		}
	})
	t.Run("many at once", func(t *testing.T) {
		var all sync.WaitGroup
		for n := range 64 {
			all.Go(func() {
				c := coretest.Dial(t, at)
				for i := range 5 {
					token, want := "good", 200
					if (n+i)%3 == 0 {
						token, want = "bad", 401
					}
					if _, err := fmt.Fprintf(c, "GET /%d/%d HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n", n, i, token); err != nil {
						t.Error(err)
						return
					}
					if r, err := c.TryRead("GET"); err != nil || r.Status != want {
						t.Errorf("%+v %v, want %d", r, err, want)
						return
					}
				}
			})
		}
		all.Wait()
		for _, r := range up.requests() { // each has its own answer, not another's
			if strings.Count(r.path, "/") == 2 && fmt.Sprint(r.header["X-User"]) != "[ann/check"+r.path+"]" {
				t.Errorf("%s has %v", r.path, r.header["X-User"])
			}
		}
	})
	if s := p.Filter("auth"); s.Traps != 0 || s.Calls < 64*5 {
		t.Errorf("%+v", s)
	}
}

func TestGuestChainsCalls(t *testing.T) {
	up := newUpstream(t)
	p := asking(t, up.Addr, asked(t).Addr, `config = { cluster = "auth", path = "/check", then = "/second" }`)
	r := coretest.Get(t, p.Addr("gateway"), "/", "Authorization: Bearer good")
	if got := up.last(t); r.Status != 200 || got.header.Get("X-User") != "of the second answer" {
		t.Errorf("%+v, upstream %+v", r, got)
	}
}

func TestGuestCallsOnlyWhatItMay(t *testing.T) {
	up := newUpstream(t)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("auth"), coretest.Wasm(),
		coretest.FilterTable("auth", coretest.Guest(t), "auth", `config = { cluster = "up", path = "/check" }`)))
	r := coretest.Get(t, p.Addr("gateway"), "/")
	if r.Status != 500 || r.Body != "calling: bad argument" {
		t.Errorf("%+v", r)
	}
	if len(up.requests()) != 0 {
		t.Error("a filter reached a cluster that its table does not list")
	}
	if !p.Log.Has(`"filter":"auth"`, "it is not among the filter's calls") {
		t.Error("the log does not say why")
	}
}

// TestGuestCallFails shows a filter each way in which a service may fail it.
func TestGuestCallFails(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nX-User: ann\r\n"
	for name, c := range map[string]struct {
		service func(t *testing.T) string
		status  int
		body    string // the answer's begin
	}{
		"nobody listens": {func(t *testing.T) string { return coretest.Refusing(t) }, 503, "denied: "},
		"it never answers": {func(t *testing.T) string {
			return coretest.Script(t, func(c *coretest.Peer) { c.Head(); c.Ended() }).Addr
		}, 504, "denied: "},
		"it never ends": {func(t *testing.T) string {
			return coretest.Script(t, func(c *coretest.Peer) { c.Head(); c.Say(ok + "Content-Length: 5\r\n\r\nab"); c.Ended() }).Addr
		}, 502, "no answer"},
		"it resets": {func(t *testing.T) string {
			return coretest.Script(t, func(c *coretest.Peer) { c.Head(); c.Reset() }).Addr
		}, 503, "denied: "},
		"it breaks off": {func(t *testing.T) string {
			return coretest.Script(t, func(c *coretest.Peer) { c.Head(); c.Say(ok + "Content-Length: 50\r\n\r\nab") }).Addr
		}, 502, "no answer"},
		"it speaks no HTTP": {func(t *testing.T) string {
			return coretest.Script(t, func(c *coretest.Peer) { c.Head(); c.Say("220 mail.example ESMTP\r\n\r\n") }).Addr
		}, 503, "denied: "},
		"it answers without end": {func(t *testing.T) string {
			return coretest.Script(t, func(c *coretest.Peer) {
				c.Head()
				c.Say(ok + "Content-Length: 1000000000\r\n\r\n")
				piece := strings.Repeat("x", 64<<10)
				for range 200 {
					if _, err := c.Write([]byte(piece)); err != nil {
						return
					}
				}
			}).Addr
		}, 502, "no answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			up, service := newUpstream(t), c.service(t)
			coretest.Unhurried(t, 300*time.Millisecond, func(timeout time.Duration) error {
				p := asking(t, up.Addr, service, fmt.Sprintf(`config = { cluster = "auth", path = "/", timeout = %q }`, timeout))
				r := coretest.Get(t, p.Addr("gateway"), "/")
				if len(up.requests()) != 0 {
					t.Error("the request came to the upstream")
				}
				if s := p.Filter("auth"); s.Traps != 0 {
					t.Errorf("%+v", s)
				}
				if r.Status != c.status || !strings.HasPrefix(r.Body, c.body) {
					return fmt.Errorf("%+v", r)
				}
				return nil
			})
		})
	}
}

// TestGuestTakesALargeAnswer hands a filter a body of megabytes.
func TestGuestTakesALargeAnswer(t *testing.T) {
	up := newUpstream(t)
	service := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 3<<20))
	}))
	p := asking(t, up.Addr, service.Addr, `config = { cluster = "auth", path = "/" }`, `budget = "200ms"`)
	r := coretest.Get(t, p.Addr("gateway"), "/")
	if got := up.last(t); r.Status != 200 || got.header.Get("X-Answer") != fmt.Sprint(3<<20) {
		t.Errorf("%+v, upstream %+v", r, got)
	}
}

// TestClientGoesWhileItsFilterAsks finds out about the client and lets the
// late answer go by.
func TestClientGoesWhileItsFilterAsks(t *testing.T) {
	up := newUpstream(t)
	asked, answer := make(chan bool, 1), make(chan bool)
	service := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			asked <- true
			until(r, answer)
		}
	}))
	p := asking(t, up.Addr, service.Addr, `config = { cluster = "auth", path = "" }`)
	at := p.Addr("gateway")
	if r := coretest.Get(t, at, "/first"); r.Status != 200 {
		t.Fatalf("%+v", r)
	}
	before := rest(t, p)
	c := coretest.Dial(t, at)
	c.Send("GET /gone HTTP/1.1\r\nHost: a\r\n\r\n")
	<-asked
	c.Reset()
	coretest.Eventually(t, "the stream ends without an answer", func() bool { return streamsOf(t, p) == 0 })
	close(answer)
	if r := once(t, at, "/after"); r.Status != 200 {
		t.Errorf("%+v", r)
	}
	for _, r := range up.requests() {
		if r.path == "/gone" {
			t.Error("the upstream got the request of a client that had gone")
		}
	}
	if s := p.Filter("auth"); s.Traps != 0 {
		t.Errorf("%+v", s)
	}
	settles(t, p, before)
}

// streamsOf is how many streams are under way.
func streamsOf(t *testing.T, p *coretest.Running) int {
	t.Helper()
	return holds(t, p).streams
}

func TestGuestCallsByItsTimer(t *testing.T) {
	up := newUpstream(t)
	service := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "the answer to %s%s", r.Host, r.URL.Path)
	}))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("ticker"), coretest.Wasm(`lanes = 4`, `min_tick = "10ms"`),
		coretest.FilterTable("ticker", coretest.Guest(t), "ticker", `config = { cluster = "keys" }`, `calls = ["keys"]`), clusters("keys", service.Addr)))
	at := p.Addr("gateway")
	const want = "the answer to keys.internal/tick"
	coretest.Eventually(t, "the timer's answer is there", func() bool {
		coretest.Get(t, at, "/")
		return up.last(t).header.Get("X-Ticked") == want
	})
	// Further lanes come with requests at once; only the first ticks.
	clients(t, at, 16, 10, nil)
	coretest.Get(t, at, "/")
	if got := up.last(t).header["X-Ticking-Lane"]; len(got) != 1 || got[0] != "0" {
		t.Errorf("lanes that tick: %v, want 0 alone", got)
	}
}

// clients sends requests of several clients at once, each some on one
// connection, and hands every answer to see, if there is one; all must be 200.
func clients(t *testing.T, at string, count, each int, see func(coretest.Response)) {
	t.Helper()
	var all sync.WaitGroup
	for range count {
		all.Go(func() {
			c := coretest.Dial(t, at)
			for range each {
				if _, err := c.Write([]byte("GET /crowd HTTP/1.1\r\nHost: a\r\n\r\n")); err != nil {
					t.Error(err)
					return
				}
				r, err := c.TryRead("GET")
				if err != nil || r.Status != 200 {
					t.Errorf("%+v %v", r, err)
					return
				}
				if see != nil {
					see(r)
				}
			}
		})
	}
	all.Wait()
}
