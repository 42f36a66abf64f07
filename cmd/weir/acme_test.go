package main_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// acmeGateway is a gateway that gets its certificates from a.
func acmeGateway(t *testing.T, a *authority, upstream, clear, secure string) string {
	return strings.Replace(gateway(upstream, atOnce), `listen = ["127.0.0.1:0"]`, fmt.Sprintf(`listen = [%q]
tls_listen = [%q]
[gateway.tls.acme]
directory = %q
hosts = ["a.test", "b.test"]
roots = %q
email = "ops@a.test"
cache = %q
`, clear, secure, a.directory, a.roots, filepath.Join(t.TempDir(), "acme")), 1)
}

// leaf is the certificate that is shown for a name, nil if none is.
func leaf(addr, name string) *x509.Certificate {
	c, err := tls.Dial("tcp", addr, &tls.Config{ServerName: name, InsecureSkipVerify: true})
	if err != nil {
		return nil
	}
	defer c.Close()
	return c.ConnectionState().PeerCertificates[0]
}

// TestACME gets certificates from a real authority, which looks at us both ways,
// renews them, and shows the last when the authority is away.
func TestACME(t *testing.T) {
	for _, c := range []struct {
		name   string
		listen bool // where the authority looks for TLS-ALPN-01; else it has HTTP-01 alone
	}{{"TLS-ALPN-01", true}, {"HTTP-01", false}} {
		t.Run(c.name, func(t *testing.T) {
			up := coretest.Serve(t, http.NotFoundHandler())
			one, clear := socket(t)
			two, secure := socket(t)
			a := runAuthority(t, clear, map[bool]string{true: secure, false: coretest.Refusing(t)}[c.listen])
			file := write(t, "", "proxy.toml", acmeGateway(t, a, up.Addr, clear, secure))
			p := setup{program: "sh", files: []*os.File{one, two}}.
				start(t, "-c", `LISTEN_FDS=2 LISTEN_PID=$$ exec "$@"`, "sh", built.weir, "run", "-c", file)
			p.ready()
			var first *x509.Certificate
			for _, host := range []string{"a.test", "b.test"} {
				p.loggedWithin(compiling, "certificate from the ACME directory", host, `"renewed":false`)
				if first = leaf(secure, host); first == nil || !strings.Contains(first.Issuer.CommonName, "Pebble") || first.VerifyHostname(host) != nil {
					t.Fatalf("%s is shown %+v", host, first)
				}
			}
			if l := leaf(secure, "other.test"); l == nil || l.VerifyHostname("a.test") != nil {
				t.Errorf("another name is not shown the first host's: %v", l)
			}
			p.loggedWithin(compiling, "certificate from the ACME directory", "b.test", `"renewed":true`)
			second := leaf(secure, "b.test")
			if second == nil || second.SerialNumber.Cmp(first.SerialNumber) == 0 {
				t.Error("the renewed certificate is not shown")
			}
			a.stop()
			p.loggedWithin(compiling, "the ACME directory cannot be asked", "WARN")
			if l := leaf(secure, "b.test"); l == nil || l.VerifyHostname("b.test") != nil {
				t.Errorf("without the authority %v is shown", l)
			}
		})
	}
}

// socket is one that listens, for a process to inherit: its address is known
// before the process is there.
func socket(t *testing.T) (*os.File, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	f, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f, l.Addr().String()
}

// TestACMEDirectoryAway starts without an authority: what needs none is served.
func TestACMEDirectoryAway(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }))
	clear, secure := coretest.Refusing(t), coretest.Refusing(t)
	a := &authority{directory: "https://" + coretest.Refusing(t) + "/dir"}
	p := start(t, "run", "-c", write(t, "", "proxy.toml", acmeGateway(t, a, up.Addr, clear, secure)))
	p.ready()
	p.logged("no certificate from the ACME directory", "a.test", "ERROR", "connection refused", "again_in")
	const path = "/.well-known/acme-challenge/nobodys"
	if r := coretest.Get(t, clear, path); r.Status != 200 || r.Body != path {
		t.Errorf("a path that is not the authority's: %+v", r)
	}
	c, err := net.Dial("tcp", secure)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := tls.Client(c, &tls.Config{ServerName: "a.test"}).Handshake(); err == nil || !strings.Contains(err.Error(), "unrecognized name") {
		t.Errorf("%v, want unrecognized_name", err)
	}
}
