package server_test

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// TestMeshBundleSpoiled: roots that are emptied, damaged or gone leave the last in their
// place: members are served, strangers are not, and what then comes is taken up.
func TestMeshBundleSpoiled(t *testing.T) {
	a, stranger := identitytest.New(t), identitytest.New(t)
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(bundle+".next", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(bundle+".next", bundle); err != nil {
			t.Fatal(err)
		}
	}
	read := func(path string) string {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	put(read(a.File))
	orders := coretest.Proxy(t, member{identity: identityTable(svid(a, ordersID), bundle), app: said(t, "orders").Addr}.toml())
	web := coretest.Proxy(t, member{identity: identityTable(svid(a, webID), a.File), peer: orders.Addr("inbound")}.toml())
	other := func() (served bool) {
		s := tls.Client(coretest.Dial(t, orders.Addr("inbound")).Conn, &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{stranger.Pair(svid(stranger, webID))}})
		_, _ = s.Write([]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
		n, _ := s.Read(make([]byte, 1))
		return n > 0
	}
	for says, spoil := range map[string]func(){
		"has no root":         func() { put("") },
		"reading the roots":   func() { put("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") },
		"is not one that its": func() { put(read(stranger.File)) },
		"no such file": func() {
			if err := os.Remove(bundle); err != nil {
				t.Fatal(err)
			}
		},
	} {
		spoil()
		coretest.Eventually(t, says, func() bool { return orders.Log.Has("ERROR", "the last identity stays in use", says) })
		if r := coretest.Get(t, web.Addr("outbound"), "/"); r.Status != 200 {
			t.Errorf("%s: a member gets %d", says, r.Status)
		}
		if other() {
			t.Errorf("%s: a stranger is served", says)
		}
	}
	put(read(a.File) + read(stranger.File))
	coretest.Eventually(t, "the roots are taken up", func() bool { return orders.Log.Has("other roots were taken up") })
	if !other() {
		t.Error("who is trusted by the new roots is not served")
	}
}
