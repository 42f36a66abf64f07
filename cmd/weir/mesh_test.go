package main_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// sidecar is a configuration that takes what comes for app, and sends what its app
// asks for to the member at peer that has one of the IDs.
func sidecar(identity, app, peer, peers string) string {
	return fmt.Sprintf(`version = 1
role = "sidecar"
[sidecar]
app = %q
inbound = "127.0.0.1:0"
outbound = "127.0.0.1:0"
[admin]
listen = "127.0.0.1:0"
[[routes]]
on = ["inbound"]
[[routes]]
on = ["outbound"]
cluster = "peer"
[clusters.peer]
endpoints = [%q]
protocol = "auto"
connect_timeout = "10s"
[clusters.peer.tls]
mesh = true
peers = [%q]
%s
%s
`, app, peer, peers, identity, atOnce)
}

// ofFiles is [identity] of files.
func ofFiles(f identity.Files, bundle string) string {
	return fmt.Sprintf("[identity]\ncert = %q\nkey = %q\nbundle = %q\n", f.Cert, f.Key, bundle)
}

const nowhere = "127.0.0.1:1"

// TestMeshOfFiles: two processes, whose identities are files.
func TestMeshOfFiles(t *testing.T) {
	a := identitytest.New(t)
	app := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "orders") }))
	svid := func(name string) string {
		return ofFiles(a.Issue(name, identitytest.Request{URI: "spiffe://a.test/" + name}), a.File)
	}
	run := func(toml string) ready { return start(t, "run", "-c", write(t, "", "proxy.toml", toml)).ready() }
	orders := run(sidecar(svid("orders"), app.Addr, nowhere, "spiffe://a.test/*")).Listen["inbound"][0]
	web := run(sidecar(svid("web"), nowhere, orders, "spiffe://a.test/orders")).Listen["outbound"][0]
	if r := coretest.Get(t, web, "/"); r.Status != 200 || r.Body != "orders" {
		t.Errorf("%+v", r)
	}
	wary := run(sidecar(svid("wary"), nowhere, orders, "spiffe://a.test/payments")).Listen["outbound"][0]
	if r := coretest.Get(t, wary, "/"); r.Status != 502 || strings.Contains(r.Body, "a.test") {
		t.Errorf("who is not the peer: %+v", r)
	}
	if r := coretest.Get(t, orders, "/"); r.Status != 400 || !strings.Contains(r.Body, "without TLS") {
		t.Errorf("in clear: %+v", r)
	}
}
