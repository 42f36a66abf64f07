package filters_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// builtinGuards runs a proxy with a built-in guard for each path. What gets past one is
// counted.
func builtinGuards(t *testing.T, all []guard, passed *atomic.Int64) *coretest.Running {
	service := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "ann" {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed.Add(1) }))
	return runFile(t, coretest.Gateway(up.Addr, fmt.Sprintf("[clusters.service]\nendpoints = [%q]\n", service.Addr)+tables(all, "use = %q\nsecurity = true\n")+coretest.Wasm()))
}

// tables are those of guards and of routes to them; what names a filter's module is
// given.
func tables(all []guard, module string) string {
	var b strings.Builder
	for _, g := range all {
		fmt.Fprintf(&b, "[[routes]]\nmatch = { path_prefix = \"/%s\" }\nfilters = [%[1]q]\ncluster = \"up\"\n[filters.%[1]s]\ncalls = [\"service\"]\n"+
			module+"[filters.%[1]s.config]\n%[3]s\n", g.name, g.name, g.config)
	}
	return b.String()
}

const secret = "a secret of thirty-two bytes or more"

// TestGuardsAnswerCalls: a gRPC call that is refused gets a status that its client
// understands, and never the upstream's.
func TestGuardsAnswerCalls(t *testing.T) {
	var passed atomic.Int64
	all := guards(secret)
	p := builtinGuards(t, all, &passed)
	client := &http.Client{Transport: &http.Transport{Protocols: new(http.Protocols)}}
	client.Transport.(*http.Transport).Protocols.SetUnencryptedHTTP2(true)
	defer client.CloseIdleConnections()
	codes := map[int]string{401: "16", 403: "7", 429: "14"}
	for _, g := range all {
		req, err := http.NewRequest("POST", "http://"+p.Addr("gateway")+"/"+g.name+"/Method", strings.NewReader("\x00\x00\x00\x00\x00"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/grpc")
		req.Header.Set("Te", "trailers")
		for _, f := range g.bad {
			name, value, _ := strings.Cut(f, ": ")
			req.Header.Set(name, value)
		}
		r, err := client.Do(req)
		if err != nil {
			t.Fatalf("%s: %v", g.name, err)
		}
		_ = r.Body.Close()
		if got := r.Header.Get("Grpc-Status"); r.StatusCode != 200 || got != codes[g.status] || passed.Load() > 0 {
			t.Errorf("%s: %d, status %q, want %q; %d passed", g.name, r.StatusCode, got, codes[g.status], passed.Load())
		}
	}
}

// TestGuardsMayNotFailOpen: no key of the filter's table or of its configuration takes
// a guard out of the way.
func TestGuardsMayNotFailOpen(t *testing.T) {
	w, err := world()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range guards(secret) {
		refused(t, w.Code(), g, "on_error = \"open\"\n", "", "cannot fail open")
	}
	refused(t, w.Code(), guard{name: "extauthz", config: "cluster = \"service\"\nurl = \"http://a/\""}, "", "on_failure = \"allow\"\n",
		`on_failure: cannot be "allow" in a filter with security = true`)
	refused(t, w.Code(), guard{name: "ratelimit", config: "requests = 1\nper = \"1s\""}, "", "on_unavailable = \"open\"\n",
		`on_unavailable: cannot be "open" in a filter with security = true`)
}

func refused(t *testing.T, code []byte, g guard, table, config, want string) {
	g.config = config + g.config
	file := coretest.Gateway("127.0.0.1:1", "[clusters.service]\nendpoints = [\"127.0.0.1:2\"]\n"+tables([]guard{g}, "use = %q\nsecurity = true\n"+table)+coretest.Wasm())
	_, err := coretest.Start(t, file, coretest.Options{Builtins: builtins{code}})
	if err == nil || !strings.Contains(err.Error(), "filters."+g.name) || !strings.Contains(err.Error(), want) {
		t.Errorf("%s with %s%s: %v", g.name, table, config, err)
	}
}

// TestGuardsThatWaitOutliveAReload: a request that waits for a service's word when the
// file changes is judged by the filter that asked, and no one gets past meanwhile.
func TestGuardsThatWaitOutliveAReload(t *testing.T) {
	var passed atomic.Int64
	asked, answer := make(chan struct{}), make(chan int)
	service := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case asked <- struct{}{}:
			w.WriteHeader(<-answer)
		case <-r.Context().Done():
		}
	}))
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed.Add(1) }))
	file := func(denied int) string {
		return coretest.Gateway(up.Addr, `filters = ["ask"]`, fmt.Sprintf("[clusters.service]\nendpoints = [%q]\n", service.Addr)+
			fmt.Sprintf("[filters.ask]\nuse = \"extauthz\"\nsecurity = true\ncalls = [\"service\"]\n[filters.ask.config]\ncluster = \"service\"\n"+
				"url = \"http://service.test/\"\ntimeout = \"1m\"\nfailure_status = %d\n", denied)+coretest.Wasm())
	}
	p := runFile(t, file(503))
	for i, status := range []int{403, 200, 500} {
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		<-asked
		p.Write(file(510 + i))
		if r := p.Admin("POST", "/reload"); r.Status != 200 {
			t.Fatalf("reloading: %d %s", r.Status, r.Body)
		}
		answer <- status
		want, allowed := status, int64(0)
		switch status {
		case 200:
			allowed = 1
		case 500: // which the filter fails by as it was configured when it asked
			want = 509 + i
		}
		before := passed.Load()
		if r := c.Read("GET"); r.Status != want {
			t.Errorf("%d at a reload: %d, want %d", status, r.Status, want)
		}
		if n := passed.Load() - before; n > allowed {
			t.Errorf("%d at a reload: %d passed", status, n)
		}
	}
	if passed.Load() != 1 {
		t.Errorf("%d passed, want 1", passed.Load())
	}
}
