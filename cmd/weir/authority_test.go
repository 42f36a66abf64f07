package main_test

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// authority is a Pebble that runs.
type authority struct {
	directory, roots string
	process          *process
}

func (a *authority) stop() { _ = a.process.cmd.Process.Kill(); <-a.process.exited }

// validity is how long its certificates live, in seconds: they are renewed after
// two thirds of it.
const validity = 12

// runAuthority runs Pebble, which looks for hosts at these addresses.
func runAuthority(t *testing.T, clear, secure string) *authority {
	t.Helper()
	program, err := filepath.Abs("../../.deps/bin/pebble")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("CI_REQUIRED") != "" {
			t.Fatal("there is no Pebble; run .ci/deps.sh pebble")
		}
		t.Skip("there is no Pebble; run .ci/deps.sh pebble")
	}
	ca := identitytest.New(t)
	own := ca.Issue("pebble", identitytest.Request{Names: []string{"127.0.0.1"}})
	listen := coretest.Refusing(t)
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": listen, "managementListenAddress": "127.0.0.1:0", "certificate": own.Cert, "privateKey": own.Key,
		"httpPort": port(t, clear), "tlsPort": port(t, secure), "retryAfter": map[string]int{"authz": 1, "order": 1},
		"profiles": map[string]any{"default": map[string]any{"description": "short", "validityPeriod": validity}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{directory: "https://" + listen + "/dir", roots: ca.File}
	a.process = setup{program: program, env: []string{"PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0"}}.
		start(t, "-config", write(t, "", "pebble.json", string(config)), "-dnsserver", serveNames(t), "-strict=false")
	coretest.Eventually(t, "Pebble listens", func() bool {
		c, err := net.Dial("tcp", listen)
		if err == nil {
			_ = c.Close()
		}
		return err == nil || a.process.ended()
	})
	return a
}

func port(t *testing.T, addr string) int {
	t.Helper()
	_, p, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(p)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// serveNames is a DNS server to which every name is this machine.
func serveNames(t *testing.T) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	go func() {
		b := make([]byte, 4096)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			if answer := named(b[:n]); answer != nil {
				_, _ = c.WriteTo(answer, from)
			}
		}
	}()
	return c.LocalAddr().String()
}

// named answers one question.
func named(query []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Additionals = true, nil
	if q.Type == dnsmessage.TypeA {
		m.Answers = []dnsmessage.Resource{{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1},
			Body:   &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
		}}
	}
	answer, err := m.Pack()
	if err != nil {
		return nil
	}
	return answer
}

// eventuallyWithin is coretest.Eventually with other patience.
func eventuallyWithin(t *testing.T, patience time.Duration, what string, cond func() bool) {
	t.Helper()
	for by := time.Now().Add(patience); !cond(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(by) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

// loggedWithin is logged with other patience.
func (p *process) loggedWithin(patience time.Duration, words ...string) {
	p.t.Helper()
	for by := time.Now().Add(patience); !p.log.Has(words...); time.Sleep(20 * time.Millisecond) {
		if p.ended() || time.Now().After(by) {
			p.t.Fatalf("no log line has %q", words)
		}
	}
}
