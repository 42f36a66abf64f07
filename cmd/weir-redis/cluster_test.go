package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/provider/kit"
)

// TestCluster: all scripts have keys of one hash slot each, which a cluster insists
// on, be it of one node.
func TestCluster(t *testing.T) {
	addr, port := freePort(t)
	_, bus := freePort(t)
	s := startRedis(t, "--port", port, "--cluster-enabled", "yes", "--cluster-port", bus)
	c := s.client()
	defer c.Close()
	if err := c.Do(t.Context(), "CLUSTER", "ADDSLOTSRANGE", 0, 16383).Err(); err != nil {
		t.Fatal(err)
	}
	asked(t, settings{Addresses: []string{addr}, Cluster: true, Password: password, Prefix: "test"})
}

// TestSentinel: the master is the one that a sentinel names.
func TestSentinel(t *testing.T) {
	_, port := freePort(t)
	startRedis(t, "--port", port)
	addr, sentinel := freePort(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "sentinel.conf")
	text := fmt.Sprintf("port %s\ndir %q\nsentinel monitor main 127.0.0.1 %s 1\nsentinel auth-pass main %q\n", sentinel, dir, port, password)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("redis-server", file, "--sentinel")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	asked(t, settings{Addresses: []string{addr}, Master: "main", Password: password, Prefix: "test"})
}

// asked has a Redis asked about keys of all hash tags.
func asked(t *testing.T, s settings) {
	t.Helper()
	l, err := connect(s)
	if err != nil {
		t.Fatal(err)
	}
	defer l.redis.Close()
	report := kit.Report{Member: "a", Counts: time.Minute, RecentFor: time.Hour}
	for i := range byte(64) {
		report.Asks = append(report.Asks, ask(i, 1, 2))
	}
	var r kit.Reply
	coretest.Eventually(t, "it answers", func() bool {
		if r, err = l.Exchange(t.Context(), report); err != nil {
			t.Log(err)
		}
		return err == nil
	})
	if r.Members != 1 || r.Recent != 1 || r.Epoch == 0 {
		t.Errorf("%d members, %d of them recent, epoch %d", r.Members, r.Recent, r.Epoch)
	}
	for i, g := range r.Grants {
		if g.Units != 2 || g.Left > 7 {
			t.Errorf("grant %d: %+v", i, g)
		}
	}
}

// freePort is a port that is held for a program which has to be told what to take.
func freePort(t *testing.T) (addr, port string) {
	t.Helper()
	addr = coretest.Refusing(t)
	_, port, _ = net.SplitHostPort(addr)
	return addr, port
}
