package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

const (
	webID    = "spiffe://a.test/web"
	ordersID = "spiffe://a.test/orders"
)

// svid issues files for a member.
func svid(a *identitytest.Authority, id string) identity.Files {
	return a.Issue(strings.NewReplacer("://", "-", "/", "-").Replace(id), identitytest.Request{URI: id})
}

// identityTable is [identity] of files.
func identityTable(f identity.Files, bundle string, keys ...string) string {
	return fmt.Sprintf("[identity]\ncert = %q\nkey = %q\nbundle = %q\n%s\n", f.Cert, f.Key, bundle, strings.Join(keys, "\n"))
}

// member is a sidecar that takes what comes for its app, and sends what its app asks
// for to peer.
type member struct {
	identity string // its table
	app      string
	mtls     string // default: that of a sidecar with an identity
	peer     string // address of the other's inbound listener
	peers    string // who may be there; default: orders
	protocol string
	keys     string // of [sidecar]
	rest     string
}

func (m member) toml() string {
	if m.app == "" {
		m.app = "127.0.0.1:1"
	}
	if m.peer == "" {
		m.peer = "127.0.0.1:1"
	}
	if m.peers == "" {
		m.peers = ordersID
	}
	if m.protocol == "" {
		m.protocol = "http1"
	}
	mtls := m.keys
	if m.mtls != "" {
		mtls += fmt.Sprintf("\nmtls = %q\n", m.mtls)
	}
	return fmt.Sprintf(`version = 1
role = "sidecar"
[sidecar]
app = %q
inbound = "127.0.0.1:0"
outbound = "127.0.0.1:0"
%s
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
drain = "2s"
[[routes]]
name = "to-app"
on = ["inbound"]
[[routes]]
name = "to-peer"
on = ["outbound"]
cluster = "peer"
[clusters.peer]
endpoints = [%q]
protocol = %q
[clusters.peer.tls]
mesh = true
peers = [%q]
%s
%s
`, m.app, mtls, m.peer, m.protocol, m.peers, m.identity, m.rest)
}

// said is an app that says a word.
func said(t *testing.T, word string) *coretest.Upstream {
	return coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, word) }))
}
