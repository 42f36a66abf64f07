package enroll_test

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/identity/authority"
	"github.com/weirproxy/weir/core/identity/enroll"
)

// TestImpostors: who is not the authority is told no token, also where the authority is
// known by an address, which TLS does not name, and however the impostor's certificate
// leads to the root.
func TestImpostors(t *testing.T) {
	r := newRig(t)
	issued, err := r.authority.Issue("spiffe://a.test/mallory", 0, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	member, err := tls.X509KeyPair(append(issued.Chain, issued.Bundle...), issued.Key)
	if err != nil {
		t.Fatal(err)
	}
	var told atomic.Bool
	mallory := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { told.Store(true) }))
	mallory.TLS = &tls.Config{Certificates: []tls.Certificate{member}}
	mallory.StartTLS()
	defer mallory.Close()

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := authority.NewServer(r.authority, []string{"10.77.0.1", "ca.test"}, slog.New(slog.DiscardHandler))
	go func() { _ = elsewhere.Serve(l) }()
	defer elsewhere.Close()

	for _, c := range []struct{ name, url, says string }{
		{"a member", mallory.URL, "that of a member"},
		{"another address", "https://" + l.Addr().String(), "not 127.0.0.1"},
		{"another name", strings.Replace("https://"+l.Addr().String(), "127.0.0.1", "localhost", 1), "not localhost"},
	} {
		o := r.options
		o.URL = c.url
		for _, how := range []string{"by the pin", "by the bundle"} {
			if how == "by the bundle" {
				r.keepBundle()
				o.Pin = ""
			}
			m, err := enroll.New(o, r.workload())
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Renew(context.Background()); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s, %s: %v, want %q", c.name, how, err, c.says)
			}
		}
		if err := os.Remove(r.options.Bundle); err != nil {
			t.Fatal(err)
		}
	}
	if told.Load() {
		t.Error("a member was sent a request for the authority")
	}
}

// keepBundle writes the authority's roots to where the member has them.
func (r *rig) keepBundle() {
	r.t.Helper()
	b, err := r.authority.Bundle()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(r.options.Bundle, b, 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// TestBundleSpoiled: a member whose bundle was emptied or damaged on disk still believes
// its authority, by the roots that it had, and mends the file.
func TestBundleSpoiled(t *testing.T) {
	for name, text := range map[string]string{"emptied": "", "damaged": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "gone": "-"} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			m, err := enroll.New(r.options, r.workload())
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Renew(context.Background()); err != nil {
				t.Fatal(err)
			}
			o := r.options
			o.Pin, o.Token = "", ""
			w := r.workload()
			first := w.Current()
			if m, err = enroll.New(o, w); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(o.Bundle, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if name == "gone" {
				if err := os.Remove(o.Bundle); err != nil {
					t.Fatal(err)
				}
			}
			if err := m.Renew(context.Background()); err != nil {
				t.Fatal(err)
			}
			if w.Current() == first {
				t.Error("there is no new identity")
			}
			if b, err := os.ReadFile(o.Bundle); err != nil || leafOf(b) == nil {
				t.Errorf("the bundle is not mended: %v", err)
			}
		})
	}
}

func leafOf(text []byte) *pem.Block { block, _ := pem.Decode(text); return block }

// TestPinIsForJoining: a root that was stolen and rotated away from is not believed any
// more, though the configuration still has its pin.
func TestPinIsForJoining(t *testing.T) {
	r := newRig(t)
	stolen := filepath.Join(t.TempDir(), "stolen")
	if err := os.CopyFS(stolen, os.DirFS(r.folder)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(stolen, 0o700); err != nil {
		t.Fatal(err)
	}
	thief, err := authority.Open(stolen)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := authority.NewServer(thief, []string{"127.0.0.1"}, slog.New(slog.DiscardHandler))
	go func() { _ = s.Serve(l) }()
	defer s.Close()

	w := r.workload()
	m, err := enroll.New(r.options, w)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []authority.Step{authority.Begin, authority.Switch, authority.End} {
		if err := m.Renew(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := r.authority.Rotate(step, true, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.Renew(context.Background()); err != nil {
		t.Fatal(err)
	}
	o := r.options
	o.URL = "https://" + l.Addr().String()
	if m, err = enroll.New(o, w); err != nil {
		t.Fatal(err)
	}
	if err := m.Renew(context.Background()); err == nil || !strings.Contains(err.Error(), "unknown authority") {
		t.Errorf("whoever stole the old root: %v", err)
	}
}
