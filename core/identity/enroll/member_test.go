package enroll_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/authority"
	"github.com/weirproxy/weir/core/identity/enroll"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

const web = "spiffe://a.test/web"

// rig is an authority that serves, and where a member keeps its identity.
type rig struct {
	t         *testing.T
	authority *authority.Authority
	folder    string // of the authority
	options   enroll.Options
	log       coretest.Log
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, folder: filepath.Join(t.TempDir(), "ca")}
	var err error
	r.authority, err = authority.Create(r.folder, authority.Options{TrustDomain: "a.test", Life: 24 * time.Hour, SVIDLife: time.Hour}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := authority.NewServer(r.authority, []string{"127.0.0.1"}, slog.New(slog.DiscardHandler))
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	pins, err := r.authority.Pins()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "identity")
	r.options = enroll.Options{
		URL: "https://" + l.Addr().String(), Pin: pins[0], ID: web, Token: r.token(web), Log: slog.New(slog.NewTextHandler(&r.log, nil)),
		Files: identity.Files{Cert: filepath.Join(dir, "svid.pem"), Key: filepath.Join(dir, "svid.key")}, Bundle: filepath.Join(dir, "bundle.pem"),
	}
	return r
}

func (r *rig) token(id string) string {
	r.t.Helper()
	token, err := r.authority.Token(id, time.Hour, time.Now())
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

// workload is the member's, by what it has kept.
func (r *rig) workload() *identity.Workload {
	r.t.Helper()
	w, problems := identity.NewWorkload(identity.WorkloadOptions{Files: r.options.Files, Bundle: r.options.Bundle, ID: r.options.ID, Later: true, Log: r.options.Log})
	if len(problems) > 0 {
		r.t.Fatal(problems)
	}
	return w
}

// run runs a member to the end of the test.
func (r *rig) run(w *identity.Workload) *enroll.Member {
	r.t.Helper()
	m, err := enroll.New(r.options, w)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan bool)
	go func() { m.Run(ctx); close(ended) }()
	r.t.Cleanup(func() { stop(); <-ended })
	return m
}

// TestJoins: a member gets its identity, and one that starts again goes on with it
// and without a token.
func TestJoins(t *testing.T) {
	r := newRig(t)
	w := r.workload()
	if w.Current() != nil {
		t.Fatal("there is an identity")
	}
	r.run(w)
	<-w.First()
	if id := w.Current().ID.String(); id != web {
		t.Errorf("it is %s", id)
	}
	r.options.Token = ""
	if again := r.workload(); again.Current() == nil || again.Current().Leaf.SerialNumber.Cmp(w.Current().Leaf.SerialNumber) != 0 {
		t.Error("a new start does not find it")
	}
}

// TestRefused: why there is no identity, and what then helps.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(r *rig)
		says  string
	}{
		"no token":            {func(r *rig) { r.options.Token = "" }, "no join token; see identity.authority.token"},
		"a used token":        {func(r *rig) { r.options.Token = "weir-join-" + strings.Repeat("A", 43) }, "unknown, was used, or has expired"},
		"a token for another": {func(r *rig) { r.options.Token = r.token("spiffe://a.test/orders") }, "another SPIFFE ID than its sender's"},
		"a wrong pin":         {func(r *rig) { r.options.Pin = strings.Repeat("0", 64) }, "none of its roots is the pin's"},
		"no pin":              {func(r *rig) { r.options.Pin = "" }, "see identity.authority.pin"},
		"another name":        {func(r *rig) { r.options.URL = strings.Replace(r.options.URL, "127.0.0.1", "localhost", 1) }, "localhost"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			good := r.options
			c.spoil(r)
			w := r.workload()
			m := r.run(w)
			coretest.Eventually(t, "the log says "+c.says, func() bool { return r.log.Has("ERROR", "no identity from the authority", c.says) })
			if _, failed := m.Counts(); failed == 0 || w.Current() != nil {
				t.Errorf("%d failures, identity %v", failed, w.Current())
			}
			if r.options.Token != good.Token && r.options.URL == good.URL && r.options.Pin == good.Pin {
				m.Use(good.Token)
				<-w.First()
			}
		})
	}
}

// TestAnswersThatLie: what an authority answers is checked before it is kept.
func TestAnswersThatLie(t *testing.T) {
	own := identitytest.New(t)
	stranger, err := authority.Create(filepath.Join(t.TempDir(), "ca"), authority.Options{TrustDomain: "a.test", Life: 24 * time.Hour, SVIDLife: time.Hour}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	another, err := stranger.Issue(web, 0, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for says, answer := range map[string]func(w http.ResponseWriter){
		"not JSON":               func(w http.ResponseWriter) { _, _ = w.Write([]byte("<html>")) },
		"of no use":              func(w http.ResponseWriter) { _, _ = w.Write([]byte("{}")) },
		"more than 262144 bytes": func(w http.ResponseWriter) { _, _ = w.Write(make([]byte, authority.MostAnswer+100)) },
		"answers 503":            func(w http.ResponseWriter) { http.Error(w, strings.Repeat("x", 10000), http.StatusServiceUnavailable) },
		"answers 302":            func(w http.ResponseWriter) { w.Header().Set("Location", "https://127.0.0.1:1/"); w.WriteHeader(302) },
		"do not make a certificate": func(w http.ResponseWriter) {
			_ = json.NewEncoder(w).Encode(authority.Answer{Chain: string(another.Chain), Bundle: string(another.Bundle)})
		},
		"unexpected EOF": func(w http.ResponseWriter) { w.Header().Set("Content-Length", "100"); _, _ = w.Write([]byte("{")) },
	} {
		t.Run(says, func(t *testing.T) {
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w) }))
			s.TLS = &tls.Config{Certificates: []tls.Certificate{own.Pair(own.Issue("liar", identitytest.Request{Names: []string{"127.0.0.1"}}))}}
			s.StartTLS()
			defer s.Close()
			r := newRig(t)
			r.options.URL = s.URL
			if err := os.MkdirAll(filepath.Dir(r.options.Bundle), 0o700); err != nil {
				t.Fatal(err)
			}
			roots, err := os.ReadFile(own.File)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(r.options.Bundle, roots, 0o600); err != nil {
				t.Fatal(err)
			}
			w := r.workload()
			r.run(w)
			coretest.Eventually(t, "the log says "+says, func() bool { return r.log.Has("no identity from the authority", says) })
			if _, err := os.Stat(r.options.Cert); err == nil || w.Current() != nil {
				t.Error("it is kept")
			}
		})
	}
}

// TestMends: a process that died between the writing of a certificate and of its key
// has lost nothing.
func TestMends(t *testing.T) {
	r := newRig(t)
	w := r.workload()
	r.run(w)
	<-w.First()
	if err := os.Rename(r.options.Key, r.options.Key+".next"); err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(r.options.Key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	r.options.Token = ""
	again := r.workload()
	if again.Current() != nil {
		t.Fatal("it goes with another's key")
	}
	if _, err := enroll.New(r.options, again); err != nil || again.Current() == nil {
		t.Errorf("it is not mended: %v", err)
	}
}

// TestFolderOfOthers: keys are not written where others could read or replace them.
func TestFolderOfOthers(t *testing.T) {
	r := newRig(t)
	if err := os.MkdirAll(filepath.Dir(r.options.Key), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := enroll.New(r.options, r.workload()); err == nil || !strings.Contains(err.Error(), "chmod 0700") {
		t.Errorf("%v", err)
	}
}
