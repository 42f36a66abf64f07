package server_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity"
)

// withTLS is a gateway that listens with TLS alone. keys go into [gateway.tls].
func withTLS(upstream string, certificates []identity.Files, keys string, rest ...string) string {
	var pairs []string
	for _, f := range certificates {
		pairs = append(pairs, fmt.Sprintf("{ cert = %q, key = %q }", f.Cert, f.Key))
	}
	toml := coretest.Gateway(upstream, rest...)
	return strings.Replace(toml, "listen = [\"127.0.0.1:0\"]\n[admin]",
		fmt.Sprintf("listen = []\ntls_listen = [\"127.0.0.1:0\"]\n[gateway.tls]\ncertificates = [%s]\n%s\n[admin]", strings.Join(pairs, ", "), keys), 1)
}

// upstreamTLS speaks to the cluster "up" with TLS.
func upstreamTLS(upstream, keys string) string {
	return coretest.Gateway(upstream) + "[clusters.up.tls]\n" + keys
}

// dialTLS connects with TLS, and fails the test if that cannot be.
func dialTLS(t testing.TB, addr string, cfg *tls.Config) *tls.Conn {
	t.Helper()
	c := coretest.Dial(t, addr)
	s := tls.Client(c.Conn, cfg)
	if err := s.Handshake(); err != nil {
		t.Fatalf("handshake: %v", err)
	}
	return s
}

// getTLS asks for a path on a connection of its own. host goes into the request.
func getTLS(t testing.TB, addr, host, path string, cfg *tls.Config) coretest.Response {
	t.Helper()
	return ask(t, dialTLS(t, addr, cfg), host, path)
}

// ask asks on a connection that is there.
func ask(t testing.TB, c *tls.Conn, host, path string) coretest.Response {
	t.Helper()
	r := coretest.Over(t, c)
	r.Send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
	return r.Read("GET")
}

// shown is the certificate that a client gets.
func shown(t testing.TB, addr string, cfg *tls.Config) *x509.Certificate {
	t.Helper()
	c := dialTLS(t, addr, cfg)
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0]
}

// hello answers with a word, and the request's body if there is one.
var hello = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
		return
	}
	fmt.Fprint(w, "hello")
})
