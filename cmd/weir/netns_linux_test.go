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
	t      *testing.T
	number int
	name   string
	ip     string // its addresses at its first cable
	ip6    string
}

// forbidden says whether a system refused to do something because of who asks, or of
// where: no program that is installed would change that. Any other failure is one.
func forbidden(text string) bool {
	return slices.ContainsFunc([]error{syscall.EPERM, syscall.EACCES, syscall.EROFS}, func(err error) bool {
		return strings.Contains(strings.ToLower(text), err.Error())
	})
}

// machines are two that are joined by a cable; they are gone after the test.
func machines(t *testing.T) (a, b *machine) {
	t.Helper()
	a, b = newMachine(t, 1), newMachine(t, 2)
	join(a, b, "eth0", 77)
	return a, b
}

// newMachine makes one. A system that lets nobody make a namespace, root or not, cannot
// run the test: that is tried.
func newMachine(t *testing.T, n int) *machine {
	t.Helper()
	for _, tool := range []string{"ip", "nft", "iptables", "ip6tables"} {
		needs(t, tool)
	}
	m := &machine{t: t, number: n, name: fmt.Sprintf("weir-%d-%d", os.Getpid(), n)}
	if text, err := exec.Command("ip", "netns", "add", m.name).CombinedOutput(); err != nil {
		if forbidden(string(text)) {
			t.Skipf("no network namespace may be made here: %v: %s", err, text)
		}
		t.Fatalf("making a network namespace: %v: %s", err, text)
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", m.name).Run() })
	m.runs("ip", "link", "set", "lo", "up")
	return m
}

// join joins two machines by a cable of a network of its own.
func join(a, b *machine, device string, network int) {
	a.t.Helper()
	runs(a.t, nil, "ip", "link", "add", device, "netns", a.name, "type", "veth", "peer", "name", device, "netns", b.name)
	for _, m := range []*machine{a, b} {
		ip, ip6 := fmt.Sprintf("10.%d.0.%d", network, m.number), fmt.Sprintf("fd%d::%d", network, m.number)
		m.runs("ip", "addr", "add", ip+"/24", "dev", device)
		m.runs("ip", "addr", "add", ip6+"/64", "dev", device, "nodad")
		m.runs("ip", "link", "set", device, "up")
		if m.ip == "" {
			m.ip, m.ip6 = ip, ip6
		}
	}
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
