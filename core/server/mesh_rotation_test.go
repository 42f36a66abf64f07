package server_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// TestMeshFilesChange: identities and roots are replaced, in an order by which each
// believes the other at all times, while requests come on ever new connections. None
// fails, and no handshake does.
func TestMeshFilesChange(t *testing.T) {
	a, next := identitytest.New(t), identitytest.New(t)
	bundle := t.TempDir() + "/bundle.pem"
	trust := func(files ...string) {
		t.Helper()
		var all []byte
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, b...)
		}
		if err := os.WriteFile(bundle+".next", all, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(bundle+".next", bundle); err != nil {
			t.Fatal(err)
		}
	}
	trust(a.File)
	ours, theirs := svid(a, webID), svid(a, ordersID)
	orders := coretest.Proxy(t, member{identity: identityTable(theirs, bundle), app: said(t, "orders").Addr}.toml())
	toml := member{identity: identityTable(ours, bundle), peer: orders.Addr("inbound")}.toml()
	toml = strings.Replace(toml, "[clusters.peer]", "[clusters.peer]\nmax_age = \"100ms\"", 1)
	web := coretest.Proxy(t, strings.Replace(toml, "cluster = \"peer\"", "cluster = \"peer\"\nretries.max = 0", 1))
	var over atomic.Bool
	var failed atomic.Pointer[string]
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for !over.Load() {
				r, err := http.Get("http://" + web.Addr("outbound") + "/")
				if err == nil {
					_, err = io.Copy(io.Discard, r.Body)
					_ = r.Body.Close()
				}
				if err != nil || r.StatusCode != 200 {
					text := fmt.Sprintf("%+v, %v", r, err)
					failed.Store(&text)
				}
			}
		})
	}
	taken := func(what string, p *coretest.Running, times int) {
		t.Helper()
		coretest.Eventually(t, what, func() bool { return strings.Count(p.Log.String(), `"msg":"identity"`) == times })
	}
	known := func(p *coretest.Running, times int) {
		t.Helper()
		coretest.Eventually(t, "the roots are taken up", func() bool { return strings.Count(p.Log.String(), "roots were taken up") == times })
	}
	for i := range 2 {
		a.Renew(theirs, identitytest.Request{URI: ordersID})
		a.Renew(ours, identitytest.Request{URI: webID})
		taken("orders' identity is renewed", orders, 2+i)
		taken("web's identity is renewed", web, 2+i)
	}
	trust(a.File, next.File)
	known(orders, 1)
	known(web, 1)
	next.Renew(theirs, identitytest.Request{URI: ordersID})
	taken("orders' identity is of the next root", orders, 4)
	next.Renew(ours, identitytest.Request{URI: webID})
	taken("web's identity is of the next root", web, 4)
	trust(next.File)
	known(orders, 2)
	known(web, 2)
	coretest.Eventually(t, "more connections come", func() bool {
		return orders.Metric(`weir_tls_handshakes_total{listener="inbound",resumed="no"}`) > 20
	})
	over.Store(true)
	all.Wait()
	if text := failed.Load(); text != nil {
		t.Error(*text)
	}
	for _, line := range strings.Split(orders.Admin("GET", "/metrics").Body, "\n") {
		if strings.HasPrefix(line, "weir_tls_handshake_failures_total{") && !strings.HasSuffix(line, " 0") {
			t.Error(line)
		}
	}
}

// TestMeshFilesSpoiled: what cannot be used leaves the last in its place, and is told
// once.
func TestMeshFilesSpoiled(t *testing.T) {
	a, stranger := identitytest.New(t), identitytest.New(t)
	own := svid(a, ordersID)
	p := coretest.Proxy(t, member{identity: identityTable(own, a.File), app: said(t, "orders").Addr}.toml())
	web := coretest.Proxy(t, member{identity: identityTable(svid(a, webID), a.File), peer: p.Addr("inbound")}.toml())
	for what, spoil := range map[string]func(){
		"bundle trusts": func() { stranger.Renew(own, identitytest.Request{URI: ordersID}) },
		"has expired":   func() { a.Renew(own, identitytest.Request{URI: ordersID, Ends: time.Now().Add(-time.Second)}) },
		"no URI SAN":    func() { a.Renew(own, identitytest.Request{Names: []string{"x"}}) },
		"do not make a": func() {
			if err := os.WriteFile(own.Key, bytes.Repeat([]byte("x"), 100), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		spoil()
		coretest.Eventually(t, what, func() bool { return p.Log.Has("ERROR", "the last identity stays in use", what) })
		if r := coretest.Get(t, web.Addr("outbound"), "/"); r.Status != 200 {
			t.Errorf("%s: %+v", what, r)
		}
	}
}

// TestMeshStarts: what an identity's files must be.
func TestMeshStarts(t *testing.T) {
	a, stranger := identitytest.New(t), identitytest.New(t)
	for says, table := range map[string]string{
		"no such file":              "[identity]\ncert = \"/nowhere/a\"\nkey = \"/nowhere/b\"\nbundle = \"/nowhere/c\"\n",
		"bundle trusts":             identityTable(svid(a, webID), stranger.File),
		"not an X509-SVID":          identityTable(a.Issue("plain", identitytest.Request{Names: []string{"a.test"}}), a.File),
		"wants to be " + ordersID:   identityTable(svid(a, webID), a.File, "id = \""+ordersID+"\""),
		"is our own trust domain":   identityTable(svid(a, webID), a.File, "bundles = { \"a.test\" = \""+a.File+"\" }"),
		"reading the roots of b.te": identityTable(svid(a, webID), a.File, "bundles = { \"b.test\" = \""+svid(a, webID).Key+"\" }"),
	} {
		if p, err := coretest.Start(t, member{identity: table}.toml(), coretest.Options{}); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "identity.cert") {
			t.Errorf("%v, %v; want %q", p, err, says)
		}
	}
	expired := a.Issue("expired", identitytest.Request{URI: webID, Ends: time.Now().Add(-time.Second)})
	if _, err := coretest.Start(t, member{identity: identityTable(expired, a.File)}.toml(), coretest.Options{}); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("%v", err)
	}
}

// TestMeshReload: who a process is does not change while it runs.
func TestMeshReload(t *testing.T) {
	a := identitytest.New(t)
	table := identityTable(svid(a, webID), a.File)
	p := coretest.Proxy(t, member{identity: table}.toml())
	p.Write(member{identity: strings.Replace(table, "[identity]", "[identity]\nid = \""+webID+"\"", 1)}.toml())
	if r := p.Admin("POST", "/reload"); r.Status != 200 || !p.Log.Has("changes of identity are taken up at a restart") {
		t.Errorf("%+v", r)
	}
	plain := coretest.Proxy(t, coretest.Gateway("127.0.0.1:1"))
	plain.Write(coretest.Gateway("127.0.0.1:1", table, "[clusters.m]\nendpoints = [\"127.0.0.1:1\"]\ntls.mesh = true\ntls.peers = [\""+ordersID+"\"]\n"))
	if r := plain.Admin("POST", "/reload"); r.Status != 422 || !strings.Contains(r.Body, "needs a restart") {
		t.Errorf("%+v", r)
	}
}
