package main_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// replica is a service that answers with its name, and keeps what it was sent.
func replica(t *testing.T, name string) (addr string, seen chan *http.Request) {
	seen = make(chan *http.Request, 100)
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, name)
		select {
		case seen <- r:
		default:
		}
	})).Addr, seen
}

// TestOnlyAllowedPeers: who may come in is who a verified certificate says, and
// one that says two things says nothing.
func TestOnlyAllowedPeers(t *testing.T) {
	ca, other := identitytest.New(t), identitytest.New(t)
	site := ca.Issue("site", identitytest.Request{Names: []string{"127.0.0.2"}})
	addr, _ := replica(t, "app")
	text := strings.Replace(gateway(addr, atOnce), "cluster = \"up\"\n", "cluster = \"up\"\nfilters = [\"rules\"]\n", 1) + `
[filters.rules]
use = "authz"
security = true
[filters.rules.config]
deny = [{ name = "no-admin", paths = ["/admin/**"] }]
allow = [
  { name = "web", peers = ["spiffe://example.org/ns/*/sa/web"], methods = ["GET"] },
  { name = "probe", peers = ["none"], paths = ["/healthz"] },
]
`
	text = strings.Replace(text, "[gateway]\n", fmt.Sprintf(
		"[gateway]\ntls_listen = [\"127.0.0.2:0\"]\ntls.certificates = [{ cert = %q, key = %q }]\ntls.client_auth = \"optional\"\ntls.client_ca = %q\n",
		site.Cert, site.Key, ca.File), 1)
	at := slices.Max(start(t, "run", "-c", write(t, "", "proxy.toml", text)).ready().Listen["gateway"]) // of TLS
	ids := map[string]identitytest.Request{
		"web":    {URI: "spiffe://example.org/ns/shop/sa/web"},
		"mail":   {URI: "spiffe://example.org/ns/shop/sa/mail"},
		"abroad": {URI: "spiffe://example.com/ns/shop/sa/web"},
		"two":    {URI: "spiffe://example.org/ns/shop/sa/web", URIs: []string{"spiffe://example.org/ns/shop/sa/mail"}},
		"page":   {URI: "https://example.org/ns/shop/sa/web"},
		"dns":    {Names: []string{"spiffe.example.org"}},
	}
	for _, c := range []struct {
		who, method, path string
		want              int
	}{
		{"web", "GET", "/orders", 200},
		{"web", "POST", "/orders", 403},
		{"web", "GET", "/admin", 403},
		{"web", "GET", "/x/../ADMIN/y", 403},
		{"web", "GET", "/admin;x", 403},
		{"web", "GET", "/healthz", 200},
		{"mail", "GET", "/orders", 403},
		{"abroad", "GET", "/orders", 403},
		{"two", "GET", "/orders", 403},
		{"page", "GET", "/orders", 403},
		{"dns", "GET", "/orders", 403},
		{"", "GET", "/orders", 403},
		{"", "GET", "/healthz", 200},
		{"mail", "GET", "/healthz", 403},
	} {
		conf := &tls.Config{RootCAs: ca.Pool}
		if c.who != "" {
			conf.Certificates = []tls.Certificate{ca.Pair(ca.Issue(c.who, ids[c.who]))}
		}
		client := http.Client{Transport: &http.Transport{TLSClientConfig: conf}}
		r, err := http.NewRequest(c.method, "https://"+at+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.URL.Opaque = "//" + at + c.path
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		client.CloseIdleConnections()
		if resp.StatusCode != c.want || c.want == 403 && string(body) != "not allowed\n" {
			t.Errorf("%q %s %s: %d %q, want %d", c.who, c.method, c.path, resp.StatusCode, body, c.want)
		}
	}
	forged := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca.Pool,
		Certificates: []tls.Certificate{other.Pair(other.Issue("web", ids["web"]))}}}}
	if resp, err := forged.Get("https://" + at + "/orders"); err == nil && resp.StatusCode != 403 {
		t.Errorf("of another authority: %d", resp.StatusCode)
	}
}

// TestCanary: a header chooses, a cookie keeps, and the share of the rest that
// is copied reaches another version.
func TestCanary(t *testing.T) {
	v1, _ := replica(t, "v1")
	v2, _ := replica(t, "v2")
	next, copies := replica(t, "next")
	text := strings.Replace(gateway(v1, atOnce), "cluster = \"up\"\n", "cluster = \"up\"\nfilters = [\"canary\", \"shadow\"]\n", 1) + fmt.Sprintf(`
[filters.canary]
use = "split"
[filters.canary.config]
targets = [{ cluster = "up", weight = 1 }, { cluster = "v2", weight = 0 }]
match = [{ header = "x-canary", values = { yes = "v2" } }]
sticky = { cookie = "release" }
[filters.shadow]
use = "mirror"
calls = ["next"]
config = { cluster = "next", host_suffix = "-shadow" }
[clusters.v2]
endpoints = [%q]
[clusters.next]
endpoints = [%q]
`, v2, next)
	at := start(t, "run", "-c", write(t, "", "proxy.toml", text)).ready().Listen["gateway"][0]
	r := coretest.Get(t, at, "/a")
	if r.Body != "v1" || !strings.HasPrefix(r.Header.Get("Set-Cookie"), "release=") {
		t.Errorf("%+v", r)
	}
	cookie, _, _ := strings.Cut(r.Header.Get("Set-Cookie"), ";")
	if r := coretest.Get(t, at, "/b", "Cookie: "+cookie); r.Body != "v1" || r.Header.Get("Set-Cookie") != "" {
		t.Errorf("%+v", r)
	}
	if r := coretest.Get(t, at, "/c", "X-Canary: yes"); r.Body != "v2" {
		t.Errorf("%+v", r)
	}
	paths := map[string]bool{}
	for range 3 {
		c := <-copies
		if paths[c.URL.Path] = true; c.Host != "test-shadow" || c.Header.Get("X-Weir-Mirrored") != "1" {
			t.Errorf("a copy for %s: %v", c.Host, c.Header)
		}
	}
	if !paths["/a"] || !paths["/b"] || !paths["/c"] {
		t.Errorf("copied were %v", paths)
	}
}
