package identity_test

import (
	"crypto/tls"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// FuzzOwns: whatever a request calls its host, only the names of the certificate
// are those of the connection.
func FuzzOwns(f *testing.F) {
	for _, host := range []string{"a.test", "A.TEST:443", "a.test.", "x.w.test", "x.y.w.test", ".w.test", "*.w.test", "[::1]:80", "[::1", "127.0.0.1", "a.test:", ":443", "a.test:x", "a.test\x00.evil", "::ffff:127.0.0.1", ""} {
		f.Add(host)
	}
	a := identitytest.New(f)
	site := a.Issue("site", identitytest.Request{Names: []string{"a.test", "*.w.test", "127.0.0.1"}})
	s, _ := newServer(f, identity.ServerOptions{Certificates: []identity.Files{site}, ClientAuth: tls.VerifyClientCertIfGiven, ClientCA: a.File})
	info, _ := meet(f, s, &tls.Config{ServerName: "a.test", RootCAs: a.Pool})
	f.Fuzz(func(t *testing.T, host string) {
		if !info.Owns([]byte(host)) {
			return
		}
		name := strings.ToLower(host)
		if i := strings.LastIndexByte(name, ':'); i >= 0 && !strings.HasSuffix(name, "]") && strings.Trim(name[i+1:], "0123456789") == "" && strings.Count(name, ":") == 1 {
			name = name[:i]
		}
		name = strings.TrimSuffix(name, ".")
		label, ok := strings.CutSuffix(name, ".w.test")
		if name != "a.test" && !(ok && label != "" && !strings.Contains(label, ".")) && !strings.Contains(name, "127.0.0.1") && !strings.Contains(name, "7f00:1") {
			t.Errorf("%q is taken for the connection's", host)
		}
	})
}
