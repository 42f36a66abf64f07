package main_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/weirproxy/weir/core/coretest"
)

// machine is a network namespace: it has interfaces, addresses and redirections of its own.
type machine struct {
	t    *testing.T
	name string
	ip   string // its addresses beside loopback
	ip6  string
}

// forbidden says whether a system refused to do something because of who asks, or of
// where: no program that is installed would change that. Any other failure is one.
func forbidden(text string) bool {
	return slices.ContainsFunc([]error{syscall.EPERM, syscall.EACCES, syscall.EROFS}, func(err error) bool {
		return strings.Contains(strings.ToLower(text), err.Error())
	})
}

// machines are two that are joined by a cable; they are gone after the test. A machine
// that lets nobody make a namespace, root or not, cannot run the test: that is tried.
func machines(t *testing.T) (a, b *machine) {
	t.Helper()
	for _, tool := range []string{"ip", "nft", "iptables", "ip6tables"} {
		needs(t, tool)
	}
	made := func(n int) *machine {
		m := &machine{t: t, name: fmt.Sprintf("weir-%d-%d", os.Getpid(), n), ip: fmt.Sprintf("10.77.0.%d", n), ip6: fmt.Sprintf("fd77::%d", n)}
		if text, err := exec.Command("ip", "netns", "add", m.name).CombinedOutput(); err != nil {
			if forbidden(string(text)) {
				t.Skipf("no network namespace may be made here: %v: %s", err, text)
			}
			t.Fatalf("making a network namespace: %v: %s", err, text)
		}
		t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", m.name).Run() })
		return m
	}
	a, b = made(1), made(2)
	runs(t, nil, "ip", "link", "add", "eth0", "netns", a.name, "type", "veth", "peer", "name", "eth0", "netns", b.name)
	for _, m := range []*machine{a, b} {
		m.runs("ip", "link", "set", "lo", "up")
		m.runs("ip", "addr", "add", m.ip+"/24", "dev", "eth0")
		m.runs("ip", "addr", "add", m.ip6+"/64", "dev", "eth0", "nodad")
		m.runs("ip", "link", "set", "eth0", "up")
	}
	return a, b
}

// runs runs a program on the machine, which must end well.
func (m *machine) runs(program string, args ...string) string {
	m.t.Helper()
	return runs(m.t, nil, "ip", append([]string{"netns", "exec", m.name, program}, args...)...)
}

// start starts a weir on the machine, and waits until it is ready.
func (m *machine) start(args ...string) *process {
	m.t.Helper()
	p := setup{program: needs(m.t, "ip")}.start(m.t, append([]string{"netns", "exec", m.name, built.weir}, args...)...)
	p.ready()
	return p
}

// within calls do with sockets of the machine.
func (m *machine) within(do func() error) {
	m.t.Helper()
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with its goroutine
		ns, err := os.Open(filepath.Join("/run/netns", m.name))
		if err == nil {
			err = unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET)
			_ = ns.Close()
		}
		if err == nil {
			err = do()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		m.t.Fatalf("on %s: %v", m.name, err)
	}
}

// listen serves each connection to a port of the machine, IPv4's and IPv6's.
func (m *machine) listen(port int, serve func(c net.Conn)) {
	m.t.Helper()
	m.within(func() error {
		l, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
		if err != nil {
			return err
		}
		m.t.Cleanup(func() { _ = l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer c.Close()
					serve(c)
				}()
			}
		}()
		return nil
	})
}

// dial connects from the machine.
func (m *machine) dial(network, host string, port int) (c net.Conn) {
	m.t.Helper()
	m.within(func() (err error) {
		c, err = net.DialTimeout(network, net.JoinHostPort(host, fmt.Sprint(port)), coretest.Patience)
		return err
	})
	m.t.Cleanup(func() { _ = c.Close() })
	return c
}

// rules are all redirections of the machine, without what tools say of themselves and
// tables that hold nothing.
func (m *machine) rules() string {
	var all []string
	for line := range strings.Lines(m.runs("nft", "list", "ruleset") + m.runs("iptables-save", "-t", "nat") + m.runs("ip6tables-save", "-t", "nat")) {
		if strings.Contains(line, "redirect") || strings.Contains(line, "REDIRECT") || strings.Contains(strings.ToLower(line), "weir") || strings.Contains(line, "dport 9") {
			all = append(all, strings.TrimSpace(line))
		}
	}
	return strings.Join(all, "\n")
}
