package server_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/discovery/dns/dnstest"
)

// TestReadyOnceEndpointsAreKnown: until its sources have answered it is not, and says of
// which clusters; what needs them is refused meanwhile.
func TestReadyOnceEndpointsAreKnown(t *testing.T) {
	s := names(t, named(t, "a"))
	s.Break("_up._tcp.test.", "SRV", dnstest.Fail)
	missing := filepath.Join(t.TempDir(), "e.json")
	toml := discovered(srv(s, `, wait = "5m"`))
	for _, name := range []string{"db", "orders", "web"} {
		toml += fmt.Sprintf("[clusters.%s]\ndiscover = { file = %q, wait = \"5m\" }\n", name, missing)
	}
	p := coretest.ProxyWith(t, toml, coretest.Options{Early: true})
	ready := func() string {
		r := p.Admin("GET", "/readyz")
		return strings.TrimSpace(fmt.Sprint(r.Status, " ", r.Body))
	}
	const why = " are not known yet; /clusters says why"
	coretest.Eventually(t, "it says what it waits for", func() bool { return ready() == "503 not ready: the endpoints of db, orders, up and 1 more"+why })
	if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Status != 503 || r.Header.Get("X-Weir-Reason") != "undiscovered" {
		t.Errorf("a request meanwhile: %+v", r)
	}
	if r := p.Admin("GET", "/healthz"); r.Status != 200 {
		t.Errorf("/healthz: %+v", r)
	}
	tell(t, missing, named(t, "b"))
	coretest.Eventually(t, "one is left", func() bool { return ready() == "503 not ready: the endpoints of up"+why })
	s.Break("_up._tcp.test.", "SRV", dnstest.None)
	coretest.Eventually(t, "it is ready", func() bool { return ready() == "200 ready" })
	if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Body != "a" {
		t.Errorf("the first request: %+v", r)
	}
}

// TestReadyWithoutEndpoints: who waits no longer is ready, whatever its sources do.
func TestReadyWithoutEndpoints(t *testing.T) {
	s := names(t)
	s.Break("_up._tcp.test.", "SRV", dnstest.Fail)
	p := coretest.Proxy(t, discovered(srv(s, `, wait = "1ms"`)))
	if r := p.Admin("GET", "/readyz"); r.Status != 200 {
		t.Errorf("%+v", r)
	}
}
