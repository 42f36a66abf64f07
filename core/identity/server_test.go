package identity_test

import (
	"crypto/tls"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// TestTicketsRotate: a ticket can be used while its key is among the last three.
func TestTicketsRotate(t *testing.T) {
	a := identitytest.New(t)
	var tickets identity.Tickets
	s, _ := newServer(t, identity.ServerOptions{
		Certificates: []identity.Files{a.Issue("site", identitytest.Request{Names: []string{"a.test"}})}, Tickets: &tickets,
	})
	now := time.Now()
	for rotations, resumes := range []bool{true, true, true, false} {
		cfg := &tls.Config{ServerName: "a.test", RootCAs: a.Pool, ClientSessionCache: tls.NewLRUClientSessionCache(1)}
		if info, _ := meet(t, s, cfg); info.Resumed {
			t.Error("resumed without a session")
		}
		for range rotations {
			tickets.Rotate(now.Add(30*time.Second), time.Minute) // too early
			now = now.Add(2 * time.Minute)
			tickets.Rotate(now, time.Minute)
		}
		if info, state := meet(t, s, cfg); info.Resumed != resumes || state.DidResume != resumes {
			t.Errorf("after %d rotations: resumed %v, want %v", rotations, info.Resumed, resumes)
		}
	}
}

// TestPeerIsTold: what is known of a client's certificate, also when its session is
// resumed.
func TestPeerIsTold(t *testing.T) {
	a := identitytest.New(t)
	var tickets identity.Tickets
	s, _ := newServer(t, identity.ServerOptions{
		Certificates: []identity.Files{a.Issue("site", identitytest.Request{Names: []string{"a.test"}})}, Tickets: &tickets,
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCA: a.File,
	})
	for _, c := range []struct{ uri, spiffe string }{
		{"spiffe://mesh/ns/a/sa/b", "spiffe://mesh/ns/a/sa/b"}, {"https://mesh/a", ""}, {"", ""},
	} {
		client := a.Pair(a.Issue("client", identitytest.Request{Names: []string{"client.test"}, URI: c.uri}))
		cfg := &tls.Config{ServerName: "a.test", RootCAs: a.Pool, Certificates: []tls.Certificate{client}, ClientSessionCache: tls.NewLRUClientSessionCache(1)}
		for turn := range 2 {
			info, _ := meet(t, s, cfg)
			if info.Resumed != (turn == 1) || info.PeerSPIFFE != c.spiffe || info.Peer == nil || info.Peer.URI() != c.uri || info.Peer.DNS() != "client.test" ||
				info.Peer.Subject() != "CN=client.test,O=Weir" || len(info.Peer.SHA256()) != 64 ||
				info.Local.DNS() != "a.test" || info.Version != "TLSv1.3" || info.ServerName != "a.test" || !info.Owns([]byte("a.test")) {
				t.Errorf("turn %d of %q: %+v, peer %+v", turn, c.uri, info, info.Peer)
			}
		}
	}
}

func TestPrivateKeyThatOthersRead(t *testing.T) {
	a := identitytest.New(t)
	site := a.Issue("site", identitytest.Request{Names: []string{"a.test"}})
	for mode, warns := range map[os.FileMode]bool{0o600: false, 0o640: false, 0o644: true, 0o660: true} {
		if err := os.Chmod(site.Key, mode); err != nil {
			t.Fatal(err)
		}
		_, log := newServer(t, identity.ServerOptions{Certificates: []identity.Files{site}})
		if strings.Contains(log.String(), "chmod 600") != warns {
			t.Errorf("mode %v: %q", mode, log)
		}
	}
}

// TestEndIsTold looks at a certificate at several times of its life.
func TestEndIsTold(t *testing.T) {
	a := identitytest.New(t)
	now := time.Now()
	site := a.Issue("site", identitytest.Request{Names: []string{"a.test"}, From: now.Add(-time.Hour), Ends: now.Add(90 * 24 * time.Hour)})
	s, log := newServer(t, identity.ServerOptions{Certificates: []identity.Files{site}})
	for _, c := range []struct {
		at   time.Duration
		says string
	}{
		{0, ""}, {75 * 24 * time.Hour, ""}, {77 * 24 * time.Hour, "ends soon"}, {77*24*time.Hour + time.Hour, ""}, {78*24*time.Hour + time.Hour, "ends soon"}, {91 * 24 * time.Hour, "has expired"},
	} {
		log.Reset()
		s.Refresh(now.Add(c.at))
		if got := log.String(); c.says == "" && got != "" || !strings.Contains(got, c.says) {
			t.Errorf("after %v: %q, want %q", c.at, got, c.says)
		}
	}
}
