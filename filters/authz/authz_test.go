package authz_test

import (
	"testing"

	_ "github.com/weirproxy/weir/filters/authz"
	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "authz", "testdata") }

// TestConnections: of TCP, only who sends can be known. What cannot be looked at
// allows nobody, and saves nobody from a denial.
func TestConnections(t *testing.T) {
	const config = `{"deny":[{"name":"banned","peers":["spiffe://example.org/banned"],"methods":["GET"],"paths":["/x"],"headers":{"a":["b"]}}],
		"allow":[{"name":"db","peers":["spiffe://example.org/banned","spiffe://example.org/web"]},{"name":"read","methods":["GET"]},{"name":"path","paths":["/**"]}]}`
	h := sdktest.New(t, "authz", config)
	for peer, want := range map[string]string{
		"spiffe://example.org/web":    "allow:db",
		"spiffe://example.org/banned": "deny:banned",
		"spiffe://example.org/mail":   "deny:default",
		"":                            "deny:default",
	} {
		c := h.Connect(map[string]string{"weir.peer": peer})
		if got, _ := c.Property("log.authz"); got != want || c.Connected() != (want == "allow:db") {
			t.Errorf("%q: %s, connected %v, want %s", peer, got, c.Connected(), want)
		}
		c.Finish()
	}
}

// TestOtherHosts: elsewhere the peer is the first URI of its certificate.
func TestOtherHosts(t *testing.T) {
	h, ok := sdktest.Start(t, "authz", sdktest.Options{Elsewhere: true, Config: `{"allow":[{"name":"web","peers":["spiffe://example.org/web"]}]}`})
	if !ok {
		t.Fatal(h.Logs())
	}
	s := h.Stream(sdktest.Request{Properties: map[string]string{"connection.uri_san_peer_certificate": "spiffe://example.org/web"}})
	if s.Local() {
		t.Errorf("denied: %s", s.Details())
	}
	s.Finish()
}
