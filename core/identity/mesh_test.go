package identity_test

import (
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/identitytest"
	"github.com/weirproxy/weir/core/sock"
)

// workload is one of files, whose log is kept.
func workload(t *testing.T, a *identitytest.Authority, id string, log *coretest.Log) *identity.Workload {
	t.Helper()
	w, problems := identity.NewWorkload(identity.WorkloadOptions{
		Files: a.Issue(id[strings.LastIndexByte(id, '/')+1:], identitytest.Request{URI: id}), Bundle: a.File, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return w
}

// connect lets c meet s, and answers what c ends with.
func connect(t *testing.T, s *identity.Server, c *identity.Client) error {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		if sc, err := sock.New(nc.(*net.TCPConn), nil); err == nil {
			_, _, _ = s.Accept(sc, time.Minute)
			_ = sc.Close()
		}
	}()
	nc, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	sc, err := sock.New(nc.(*net.TCPConn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer sc.Close()
	_, info, err := c.To(l.Addr().String()).Connect(sc, time.Minute)
	if err == nil && (info.PeerSPIFFE != "spiffe://a.test/orders" || info.Peer.URI() != info.PeerSPIFFE || info.Local.URI() != "spiffe://a.test/web" || info.Resumed) {
		t.Errorf("%+v", info)
	}
	return err
}

// TestOnly: an endpoint of which it is known who it is must be that one, also where the
// cluster's peers would let others be there.
func TestOnly(t *testing.T) {
	a := identitytest.New(t)
	log := new(coretest.Log)
	s := identity.NewMeshServer(workload(t, a, "spiffe://a.test/orders", log), nil)
	w := workload(t, a, "spiffe://a.test/web", log)
	for _, c := range []struct {
		peers []string
		only  string
		says  string // "": it connects
	}{
		{[]string{"spiffe://a.test/*"}, "", ""},
		{[]string{"spiffe://a.test/*"}, "spiffe://a.test/orders", ""},
		{nil, "spiffe://a.test/orders", ""},
		{nil, "", "none of its peers []"},
		{[]string{"spiffe://a.test/*"}, "spiffe://a.test/payments", "none of its peers [spiffe://a.test/payments]"},
		{[]string{"spiffe://a.test/*"}, "spiffe://a.test/*", "none of its peers []"},
		{[]string{"spiffe://a.test/*"}, "spiffe://a.test", "none of its peers []"},
		{[]string{"spiffe://a.test/*"}, "orders", "none of its peers []"},
	} {
		peers, err := identity.ParsePeers(c.peers)
		if err != nil {
			t.Fatal(err)
		}
		client, _ := identity.NewClient(identity.ClientOptions{Workload: w, Peers: peers, Log: slog.New(slog.NewTextHandler(log, nil))})
		if c.only != "" {
			client = client.Only(c.only)
		}
		err = connect(t, s, client)
		if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || !identity.Untrusted(err)) {
			t.Errorf("peers %q, only %q: %v, want %q", c.peers, c.only, err, c.says)
		}
	}
	plain, _ := identity.NewClient(identity.ClientOptions{Log: slog.New(slog.DiscardHandler)})
	if plain.Only("spiffe://a.test/orders") != plain {
		t.Error("it has a meaning outside of a mesh")
	}
}
