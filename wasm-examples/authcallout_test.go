package examples_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

var authCallout = topic{
	behaves: func(t *testing.T, w *world) {
		t.Run("yes", func(t *testing.T) { saysYes(t, w) })
		t.Run("yes without a user", func(t *testing.T) { saysYesToNobody(t, w) })
		t.Run("a body waits", func(t *testing.T) { holdsBody(t, w) })
		t.Run("anything else", func(t *testing.T) { saysAnythingElse(t, w) })
	},
	refuses: []refusal{
		{"color=blue", `unknown key … color … ; the keys are cluster, path, header and timeout`},
		{"timeout=1s", "timeout: give milliseconds, such as 1000"},
		{"timeout=0", "timeout: give milliseconds, such as 1000"},
	},
}

func saysYes(t *testing.T, w *world) {
	asked := w.auth.sees(func(w http.ResponseWriter, r *http.Request) { w.Header().Set("X-User", "ann") })
	passed := w.app.sees(func(http.ResponseWriter, *http.Request) {})
	r := coretest.Get(t, w.addr, "/orders?n=1", "authorization: Bearer of-ann", "x-user: root")
	if r.Status != 200 {
		t.Fatalf("status %d, %q", r.Status, r.Body)
	}
	q := <-asked
	for name, want := range map[string]string{
		"X-Original-Method": "GET", "X-Original-Path": "/orders?n=1", "Authorization": "Bearer of-ann", "X-User": "",
	} {
		if got := q.Header.Get(name); got != want {
			t.Errorf("the service was asked with %s %q, want %q", name, got, want)
		}
	}
	if q.Method != "GET" || q.URL.Path != "/auth" || q.Host != "auth" {
		t.Errorf("the service was asked %s %s at %s", q.Method, q.URL, q.Host)
	}
	if got := (<-passed).Header["X-User"]; len(got) != 1 || got[0] != "ann" {
		t.Errorf("the upstream is told %q, want only what the service says", got)
	}
}

// saysYesToNobody: what the client says of itself does not pass in its place.
func saysYesToNobody(t *testing.T, w *world) {
	asked := w.auth.sees(func(http.ResponseWriter, *http.Request) {})
	passed := w.app.sees(func(http.ResponseWriter, *http.Request) {})
	if r := coretest.Get(t, w.addr, "/", "x-user: root", "x-user: admin"); r.Status != 200 {
		t.Fatalf("status %d, %q", r.Status, r.Body)
	}
	if got := (<-asked).Header["Authorization"]; got != nil {
		t.Errorf("the service was told %q", got)
	}
	if got := (<-passed).Header["X-User"]; got != nil {
		t.Errorf("the upstream is told %q", got)
	}
}

// holdsBody sends a body while the service thinks.
func holdsBody(t *testing.T, w *world) {
	asked, decide := make(chan bool, 1), make(chan bool)
	w.auth.does(func(_ http.ResponseWriter, r *http.Request) {
		asked <- true
		select {
		case <-decide:
		case <-r.Context().Done(): // the test has failed
		}
	})
	body := make(chan string, 1)
	w.app.does(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		body <- string(b)
	})
	c := coretest.Dial(t, w.addr)
	c.Send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhello")
	<-asked
	c.Send("world")
	if len(body) > 0 {
		t.Error("the request has passed before the service answered")
	}
	decide <- true
	if r := c.Read("POST"); r.Status != 200 {
		t.Fatalf("status %d, %q", r.Status, r.Body)
	}
	if got := <-body; got != "helloworld" {
		t.Errorf("the upstream got %q", got)
	}
}

func saysAnythingElse(t *testing.T, w *world) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(code) }
	}
	w.app.does(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s has passed", r.URL) })
	const denied, unavailable = "forbidden\n", "authorization is not available\n"
	for _, c := range []struct {
		name, path string
		auth       http.HandlerFunc
		status     int
		body       string
	}{
		{"no", "/", status(401), 403, denied},
		{"elsewhere", "/", status(302), 403, denied},
		{"another yes", "/", status(204), 403, denied},
		{"failure", "/", status(500), 503, unavailable},
		{"nothing in time", "/", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 503, unavailable},
		{"hangs up", "/", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 503, unavailable},
		{"the route that is refused", "/no", demo, 403, denied},
		{"the route that fails", "/fails", demo, 503, unavailable},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.auth.does(c.auth)
			if r := coretest.Get(t, w.addr, c.path); r.Status != c.status || r.Body != c.body {
				t.Errorf("status %d, %q", r.Status, r.Body)
			}
		})
	}
}

// demo answers as the service of "weir demo" does.
func demo(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/status/401":
		w.WriteHeader(401)
	case "/status/500":
		w.WriteHeader(500)
	}
}
