package server_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// Limits of memory and the levels that they bring a process to that has some
// dozen MiB. What is not said is out of reach.
const (
	offMemory   = "[overload]\nmemory_limit = \"off\"\n"
	noKeepAlive = "[overload]\nmemory_limit = \"2GiB\"\nshrink = 0.01\nno_keep_alive = 0.01\nshed = 1\nno_accept = 1\n"
	shedding    = "[overload]\nmemory_limit = \"2GiB\"\nshrink = 0.01\nno_keep_alive = 0.01\nshed = 0.01\nno_accept = 1\n"
	noAccept    = "[overload]\nmemory_limit = \"1MiB\"\n"
)

// short is a proxy whose memory can be made short.
type short struct {
	*coretest.Running
	t        *testing.T
	up       string
	requests atomic.Int64
	config   func(memory string) string // what is run, in place of one route
}

func runShort(t *testing.T, handle http.HandlerFunc) *short {
	t.Helper()
	held := make([]byte, 64<<20) // so that 1 % of 2 GiB are used
	for i := 0; i < len(held); i += 1 << 10 {
		held[i] = 1
	}
	t.Cleanup(func() { runtime.KeepAlive(held) })
	s := &short{t: t}
	s.up = coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		handle(w, r)
	})).Addr
	s.Running = coretest.Proxy(t, s.toml(offMemory))
	return s
}

func (s *short) toml(memory string) string {
	if s.config != nil {
		return s.config(memory)
	}
	return coretest.Gateway(s.up, memory, "[trust]\nreason = true\n", "[timeouts]\ndrain = \"5s\"\n")
}

// make reloads with a limit of memory and waits for the level that it brings.
func (s *short) make(memory string, level float64) {
	s.t.Helper()
	s.Write(s.toml(memory))
	if r := s.Admin("POST", "/reload"); r.Status != 200 {
		s.t.Fatalf("%+v", r)
	}
	coretest.Eventually(s.t, fmt.Sprintf("level %v", level), func() bool { return s.Metric("weir_overload_level") == level })
}

func ok(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") }

func get(c *coretest.Client) coretest.Response {
	c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	return c.Read("GET")
}

// TestShortOfMemory: new requests are refused before their bodies are sent,
// what is under way ends as it would have, and the operator's door stays open.
func TestShortOfMemory(t *testing.T) {
	began, release := make(chan bool), make(chan bool)
	p := runShort(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/held" {
			began <- true
			<-release
		}
		ok(w, r)
	})
	at := p.Addr("gateway")
	kept, busy := coretest.Dial(t, at), coretest.Dial(t, at)
	if r := get(kept); r.Status != 200 || r.Close {
		t.Fatalf("%+v", r)
	}
	busy.Send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
	<-began
	p.make(shedding, 3)
	before := p.requests.Load()
	for name, c := range map[string]*coretest.Client{"a connection from before": kept, "a new connection": coretest.Dial(t, at)} {
		c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n")
		if r := c.Read("POST"); r.Status != 503 || !r.Close || r.Header.Get("X-Weir-Reason") != "overload" {
			t.Errorf("%s: %+v, want 503 and its end", name, r)
		}
		if !c.Closed() {
			t.Errorf("%s stayed", name)
		}
	}
	if n := p.requests.Load(); n != before {
		t.Errorf("%d requests went on", n-before)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if r := p.Admin("GET", path); r.Status != 200 {
			t.Errorf("%s: %+v", path, r)
		}
	}
	if used, limit := p.Metric("weir_memory_used_bytes"), p.Metric("weir_memory_limit_bytes"); used < 64<<20 || used > limit || limit != 2<<30 {
		t.Errorf("%v of %v used", used, limit)
	}
	exactly(t, p.Running, map[string]float64{`weir_requests_refused_total{listener="gateway",reason="overload"}`: 2})
	coretest.Eventually(t, "the log tells", func() bool { return p.Log.Has("overload level changed", "calm", "shed", "memory_limit") })
	close(release)
	if r := busy.Read("GET"); r.Status != 200 || r.Body != "ok" {
		t.Errorf("what was under way: %+v", r)
	}
	p.make(offMemory, 0)
	c := coretest.Dial(t, at)
	for range 2 {
		if r := get(c); r.Status != 200 || r.Close {
			t.Errorf("%+v, want an answer on a connection that stays", r)
		}
	}
	if strings.Contains(p.Admin("GET", "/metrics").Body, "weir_memory_limit_bytes") {
		t.Error("a limit is shown where there is none")
	}
}

func TestShortOfMemoryEndsConnections(t *testing.T) {
	p := runShort(t, ok)
	c := coretest.Dial(t, p.Addr("gateway"))
	if r := get(c); r.Status != 200 || r.Close {
		t.Fatalf("%+v", r)
	}
	p.make(noKeepAlive, 2)
	if r := get(c); r.Status != 200 || r.Body != "ok" || !r.Close || !c.Closed() {
		t.Errorf("%+v, want an answer and the connection's end", r)
	}
	if r := get(coretest.Dial(t, p.Addr("gateway"))); r.Status != 200 || !r.Close {
		t.Errorf("%+v", r)
	}
}

// TestOutOfMemoryAcceptsNothing: who connects then is served later. Whoever
// is connected is told.
func TestOutOfMemoryAcceptsNothing(t *testing.T) {
	p := runShort(t, ok)
	at := p.Addr("gateway")
	kept := []*coretest.Client{coretest.Dial(t, at), coretest.Dial(t, at)}
	for _, c := range kept {
		get(c)
	}
	p.make(noAccept, 4)
	waiting := []*coretest.Client{coretest.Dial(t, at), coretest.Dial(t, at), coretest.Dial(t, at)}
	for _, c := range waiting {
		c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	}
	for _, c := range kept { // accepted, the others would have been answered by now
		if r := get(c); r.Status != 503 || !r.Close {
			t.Errorf("%+v, want 503", r)
		}
	}
	if n := p.Metric(`weir_connections_total{listener="gateway"}`); n != 2 {
		t.Errorf("%v connections were taken", n)
	}
	p.make(offMemory, 0)
	for _, c := range waiting {
		if r := c.Read("GET"); r.Status != 200 {
			t.Errorf("who waited: %+v", r)
		}
	}
	// A proxy that is out of memory can be stopped.
	p.make(noAccept, 4)
	late := coretest.Dial(t, at)
	if err := p.Stop(); err != nil {
		t.Error(err)
	}
	if !late.Closed() {
		t.Error("who waited was answered something")
	}
}

func TestOverloadIsWrong(t *testing.T) {
	_, err := coretest.Start(t, coretest.Gateway("127.0.0.1:1", "[overload]\nshed = 0.9\nno_accept = 0.5\n"), coretest.Options{})
	if err == nil || !strings.Contains(err.Error(), "overload.no_accept: 0.5 is below shed = 0.9") || !strings.Contains(err.Error(), "overload.shed: 0.9 is below no_keep_alive = 0.92") {
		t.Errorf("%v", err)
	}
}
