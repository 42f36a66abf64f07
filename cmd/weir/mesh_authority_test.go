package main_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// ca is a "weir ca" of a folder.
type ca struct {
	t      *testing.T
	folder string
	addr   string // where it serves, or will
	pin    string
}

// newCA makes one, whose members' identities live for life.
func newCA(t *testing.T, life string) *ca {
	c := &ca{t: t, folder: filepath.Join(t.TempDir(), "ca"), addr: coretest.Refusing(t)}
	c.pin = strings.Fields(c.run("init", "--trust-domain", "a.test", "--svid-life", life))[1]
	return c
}

// run runs one of its commands, and answers what it prints.
func (c *ca) run(command string, args ...string) string {
	c.t.Helper()
	out, err := exec.Command(built.weir, append([]string{"ca", command, "--folder", c.folder}, args...)...).CombinedOutput()
	if err != nil {
		c.t.Fatalf("weir ca %s %q: %v\n%s", command, args, err, out)
	}
	return string(out)
}

func (c *ca) serve() *process {
	p := start(c.t, "ca", "serve", "--folder", c.folder, "--listen", c.addr)
	p.ready()
	return p
}

// enrolled is a member whose identity comes from an authority.
type enrolled struct {
	*process
	folder string // of its identity
	token  string // the file of its join token
	admin  string
}

// enroll starts a sidecar that joins by a token.
func (c *ca) enroll(name string, configure func(identity string) string) *enrolled {
	m := &enrolled{folder: filepath.Join(c.t.TempDir(), name), admin: coretest.Refusing(c.t)}
	m.token = write(c.t, "", "token", c.run("token", "--id", "spiffe://a.test/"+name))
	identity := fmt.Sprintf("[identity]\nid = \"spiffe://a.test/%s\"\ncert = %q\nkey = %q\nbundle = %q\n[identity.authority]\nurl = \"https://%s\"\npin = %q\ntoken = { file = %q }\n",
		name, m.file("svid.pem"), m.file("svid.key"), m.file("bundle.pem"), c.addr, c.pin, m.token)
	toml := strings.Replace(configure(identity), "[admin]\nlisten = \"127.0.0.1:0\"", fmt.Sprintf("[admin]\nlisten = %q", m.admin), 1)
	toml = strings.Replace(toml, "protocol = \"auto\"", "protocol = \"auto\"\nmax_age = \"100ms\"", 1) // many handshakes
	m.process = start(c.t, "run", "-c", write(c.t, "", "proxy.toml", toml))
	return m
}

func (m *enrolled) file(name string) string { return filepath.Join(m.folder, name) }

// unready is why it says that it is not ready, "" while it is.
func (m *enrolled) unready() string {
	r, err := http.Get("http://" + m.admin + "/readyz")
	if err != nil {
		return err.Error()
	}
	defer r.Body.Close()
	b, _ := io.ReadAll(r.Body)
	if r.StatusCode == http.StatusOK {
		return ""
	}
	return string(b)
}

// metric is the sum of the samples that begin so.
func (m *enrolled) metric(prefix string) (sum float64) {
	r, err := http.Get("http://" + m.admin + "/metrics")
	if err != nil {
		m.t.Fatal(err)
	}
	defer r.Body.Close()
	b, _ := io.ReadAll(r.Body)
	for line := range strings.Lines(string(b)) {
		if strings.HasPrefix(line, prefix) {
			v := 0.0
			if _, err := fmt.Sscan(line[strings.LastIndexByte(line, ' ')+1:], &v); err != nil {
				m.t.Fatalf("%q: %v", line, err)
			}
			sum += v
		}
	}
	return sum
}

// certs are those of one of its files.
func (m *enrolled) certs(name string) (all []*x509.Certificate) {
	text, _ := os.ReadFile(m.file(name))
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			all = append(all, c)
		}
	}
	return all
}

// TestMeshOfAuthority is the life of two members: they wait for their authority,
// join, renew and go from root to root while they are asked all the time, and go on
// without it for as long as their identities last.
func TestMeshOfAuthority(t *testing.T) {
	app := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "orders") }))
	c := newCA(t, "12s")
	in, out := coretest.Refusing(t), coretest.Refusing(t)
	orders := c.enroll("orders", func(identity string) string {
		return strings.Replace(sidecar(identity, app.Addr, nowhere, "spiffe://a.test/*"), `inbound = "127.0.0.1:0"`, fmt.Sprintf("inbound = %q", in), 1)
	})
	web := c.enroll("web", func(identity string) string {
		return strings.Replace(sidecar(identity, nowhere, in, "spiffe://a.test/orders"), `outbound = "127.0.0.1:0"`, fmt.Sprintf("outbound = %q", out), 1)
	})

	web.logged("no identity from the authority", "connection refused")
	coretest.Eventually(t, "it says why it is not ready", func() bool { return strings.Contains(web.unready(), "no identity yet") })
	for _, addr := range []string{in, out} {
		if conn, err := net.Dial("tcp", addr); err == nil {
			_ = conn.Close()
			t.Errorf("%s is open before the first identity", addr)
		}
	}

	served := c.serve()
	orders.ready()
	web.ready()
	if why := web.unready(); why != "" {
		t.Errorf("not ready: %s", why)
	}
	if r := coretest.Get(t, out, "/"); r.Status != 200 || r.Body != "orders" {
		t.Fatalf("%+v", r)
	}

	stop := load(t, out)
	members := []*enrolled{orders, web}
	each := func(what string, cond func(m *enrolled) bool) {
		t.Helper()
		for _, m := range members {
			by := func() bool { return cond(m) }
			eventuallyWithin(t, compiling, what, by)
		}
	}
	each("an identity is renewed", func(m *enrolled) bool { return m.log.Has(`"msg":"identity"`, `"renewed":true`) })
	old := web.certs("bundle.pem")[0]
	c.run("rotate", "begin")
	each("both roots are known", func(m *enrolled) bool { return len(m.certs("bundle.pem")) == 2 })
	c.run("rotate", "switch", "--at-once")
	each("the new root signs", func(m *enrolled) bool {
		s := m.certs("svid.pem")
		return len(s) == 1 && !bytes.Equal(s[0].AuthorityKeyId, old.SubjectKeyId)
	})
	c.run("rotate", "end", "--at-once")
	each("the old root is gone", func(m *enrolled) bool { b := m.certs("bundle.pem"); return len(b) == 1 && !b[0].Equal(old) })
	if asked, failed := stop(); failed != "" {
		t.Errorf("of %d requests one failed: %s", asked, failed)
	}
	for _, m := range members {
		if n := m.metric("weir_tls_handshake_failures_total"); n != 0 {
			t.Errorf("%v handshakes failed", n)
		}
		if n := m.metric(`weir_identity_requests_total{result="issued"}`); n < 4 {
			t.Errorf("%v identities were issued", n)
		}
	}

	c.run("revoke", "--id", "spiffe://a.test/web")
	eventuallyWithin(t, compiling, "who was revoked is not renewed", func() bool {
		return web.log.Has("no new identity from the authority", "was revoked")
	})
	last := web.certs("svid.pem")[0]
	write(t, filepath.Dir(web.token), filepath.Base(web.token), c.run("token", "--id", "spiffe://a.test/web"))
	if r, err := http.Post("http://"+web.admin+"/reload", "", nil); err != nil || r.StatusCode != 200 {
		t.Errorf("%+v, %v", r, err)
	}
	eventuallyWithin(t, compiling, "by another token it is a member again", func() bool {
		s := web.certs("svid.pem")
		return len(s) == 1 && !s[0].Equal(last)
	})

	_ = served.cmd.Process.Kill()
	eventuallyWithin(t, compiling, "the authority is missed", func() bool {
		return orders.log.Has("no new identity from the authority", "the last stays in use")
	})
	if r := coretest.Get(t, out, "/"); r.Status != 200 {
		t.Errorf("without the authority: %+v", r)
	}
	eventuallyWithin(t, compiling, "it says that its identity has expired", func() bool { return strings.Contains(web.unready(), "has expired") })
	coretest.Eventually(t, "nobody believes it", func() bool { return coretest.Get(t, out, "/").Status == 502 })
	for _, name := range []string{"svid.pem", "svid.key", "bundle.pem"} {
		if info, err := os.Stat(web.file(name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

// load asks all the time, until stop: it answers how often that was, and the first
// failure.
func load(t *testing.T, addr string) (stop func() (asked int64, failed string)) {
	var n atomic.Int64
	var over atomic.Bool
	ended := make(chan string, 1)
	go func() {
		client := &http.Client{Transport: &http.Transport{}}
		for !over.Load() {
			r, err := client.Get("http://" + addr + "/")
			n.Add(1)
			if err != nil {
				ended <- err.Error()
				return
			}
			b, err := io.ReadAll(r.Body)
			_ = r.Body.Close()
			if err != nil || r.StatusCode != 200 {
				ended <- fmt.Sprintf("%d %q, %v", r.StatusCode, b, err)
				return
			}
		}
		ended <- ""
	}()
	return func() (int64, string) {
		over.Store(true)
		failed := <-ended
		t.Logf("%d requests", n.Load())
		return n.Load(), failed
	}
}
