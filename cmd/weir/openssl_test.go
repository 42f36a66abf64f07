package main_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestOpenSSL has openssl make handshakes: by versions, names and protocols.
func TestOpenSSL(t *testing.T) {
	openssl := needs(t, "openssl")
	at := serveForeign(t)
	for _, c := range []struct {
		name  string
		flags []string
		shows []string
		fails bool
	}{
		{"h2", []string{"-alpn", "h2,http/1.1"}, []string{"ALPN protocol: h2", "TLSv1.3", "Verify return code: 0 (ok)"}, false},
		{"HTTP/1.1", []string{"-alpn", "http/1.1"}, []string{"ALPN protocol: http/1.1"}, false},
		{"our order counts", []string{"-alpn", "http/1.1,h2"}, []string{"ALPN protocol: h2"}, false},
		{"no protocol named", nil, []string{"No ALPN negotiated", "Verify return code: 0 (ok)"}, false},
		{"a protocol that nobody speaks", []string{"-alpn", "spdy/3"}, []string{"no application protocol"}, true},
		{"by a name", []string{"-servername", "a.other.test"}, []string{"subject=CN=*.other.test,"}, false},
		{"by another", []string{"-servername", "localhost", "-verify_hostname", "localhost"}, []string{"subject=CN=localhost,", "Verify return code: 0 (ok)"}, false},
		{"without a name", []string{"-noservername"}, []string{"subject=CN=localhost,"}, false},
		{"TLS 1.2", []string{"-tls1_2", "-alpn", "h2"}, []string{"TLSv1.2", "ALPN protocol: h2"}, false},
		{"TLS 1.1", []string{"-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"}, []string{"protocol version"}, true},
		{"sessions", []string{"-tls1_2", "-reconnect"}, []string{"Reused, TLSv1.2"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), coretest.Patience)
			defer cancel()
			cmd := exec.CommandContext(ctx, openssl, append([]string{"s_client", "-connect", at.secureAddr, "-CAfile", at.roots, "-nameopt", "rfc2253"}, c.flags...)...)
			cmd.Stdin = strings.NewReader("Q\n") // it ends by that
			out, err := cmd.CombinedOutput()
			if c.fails != (err != nil) {
				t.Errorf("it ended with %v", err)
			}
			for _, want := range c.shows {
				if !strings.Contains(string(out), want) {
					t.Errorf("it does not say %q", want)
				}
			}
			if t.Failed() {
				t.Logf("%s", out)
			}
		})
	}
	// A whole request, by hand.
	ctx, cancel := context.WithTimeout(t.Context(), coretest.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, openssl, "s_client", "-connect", at.secureAddr, "-CAfile", at.roots, "-quiet", "-verify_quiet")
	cmd.Stdin = strings.NewReader("GET /one/by-hand HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
	if out, err := cmd.Output(); err != nil || !strings.HasPrefix(string(out), "HTTP/1.1 200 OK\r\n") || !strings.Contains(string(out), "GET /one/by-hand by HTTP/1.1") {
		t.Errorf("%v\n%s", err, out)
	}
}
