package dns_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/discovery/dns"
	"github.com/weirproxy/weir/core/discovery/dns/dnstest"
)

// listener asks for a service, and keeps what it is told.
type listener struct {
	*dns.Source
	service string
	told    chan string
	t       *testing.T
}

func listen(t *testing.T, s *dnstest.Server, service string) *listener {
	t.Helper()
	l := &listener{dns.New(dns.Options{Server: s.Addr, Refresh: 10 * time.Millisecond, Log: slog.New(slog.DiscardHandler)}), service, make(chan string, 100), t}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	if err := l.Watch(ctx, service, func(list []discovery.Endpoint) {
		var b strings.Builder
		for _, e := range list {
			fmt.Fprintf(&b, "%s*%d ", e.Addr, e.Weight)
		}
		l.told <- strings.TrimSpace(b.String())
	}); err != nil {
		t.Fatal(err)
	}
	return l
}

// hears waits for a list. Others may come before it: families are asked for by
// themselves, and one answer may be of before a change, the other of after.
func (l *listener) hears(want string) {
	l.t.Helper()
	late := time.After(coretest.Patience)
	for {
		select {
		case got := <-l.told:
			if got == want {
				return
			}
			l.t.Logf("told %q", got)
		case <-late:
			l.t.Fatalf("never told %q; %v", want, l.Trouble(l.service))
		}
	}
}

// again waits until a type of records was asked for some more times, after which
// nothing new has been told.
func (l *listener) again(s *dnstest.Server, name, typ string) {
	l.t.Helper()
	n := s.Asked(name, typ)
	coretest.Eventually(l.t, "the name is asked for again", func() bool { return s.Asked(name, typ) > n+5 })
	select {
	case got := <-l.told:
		l.t.Fatalf("told %q", got)
	default:
	}
}

func (l *listener) troubled(want bool) {
	l.t.Helper()
	coretest.Eventually(l.t, fmt.Sprintf("trouble is %v", want), func() bool { return (l.Trouble(l.service) != nil) == want })
}

func TestAddresses(t *testing.T) {
	s := dnstest.New(t)
	s.Set("a.test.", "A 10.0.0.2", "A 10.0.0.1", "AAAA fd00::1")
	l := listen(t, s, "a.test:80")
	l.hears("10.0.0.1:80*1 10.0.0.2:80*1 [fd00::1]:80*1")
	l.again(s, "a.test.", "A")
	s.Set("a.test.", "A 10.0.0.3", "A 0.0.0.0", "A 224.0.0.1", "AAAA ::") // where nobody can be
	l.hears("10.0.0.3:80*1")
}

// TestFaults: whatever the server does, what was known stays.
func TestFaults(t *testing.T) {
	for _, f := range []dnstest.Fault{dnstest.Fail, dnstest.Silence, dnstest.Garbage, dnstest.OtherID, dnstest.OtherFor} {
		t.Run(fmt.Sprint(f), func(t *testing.T) {
			t.Parallel()
			s := dnstest.New(t)
			s.Set("a.test.", "A 10.0.0.1")
			l := listen(t, s, "a.test:80")
			l.hears("10.0.0.1:80*1")
			s.Break("a.test.", "A", f)
			s.Break("a.test.", "AAAA", dnstest.Fail)
			l.troubled(true)
			s.Break("a.test.", "A", dnstest.None)
			s.Break("a.test.", "AAAA", dnstest.None)
			l.troubled(false)
			l.again(s, "a.test.", "A")
		})
	}
}

// TestOneFamilyFails: what is heard of one is used, what was known of the other
// stays.
func TestOneFamilyFails(t *testing.T) {
	s := dnstest.New(t)
	s.Set("a.test.", "A 10.0.0.1", "AAAA fd00::1")
	s.Break("a.test.", "AAAA", dnstest.Fail)
	l := listen(t, s, "a.test:80")
	l.hears("10.0.0.1:80*1")
	s.Break("a.test.", "AAAA", dnstest.None)
	l.hears("10.0.0.1:80*1 [fd00::1]:80*1")
	s.Break("a.test.", "A", dnstest.Fail)
	l.troubled(true)
	s.Set("a.test.", "A 10.0.0.2", "AAAA fd00::2")
	l.hears("10.0.0.1:80*1 [fd00::2]:80*1")
}

// TestEmptyIsDoubted: that there is nothing is believed when it is said three times.
func TestEmptyIsDoubted(t *testing.T) {
	for _, none := range []func(*dnstest.Server){
		func(s *dnstest.Server) { s.Remove("a.test.") },
		func(s *dnstest.Server) { s.Set("a.test.") },
	} {
		s := dnstest.New(t)
		s.Set("a.test.", "A 10.0.0.1")
		l := listen(t, s, "a.test:80")
		l.hears("10.0.0.1:80*1")
		s.Break("a.test.", "AAAA", dnstest.Fail) // so that nothing is sure while it changes
		l.troubled(true)
		none(s)
		before := s.Asked("a.test.", "AAAA")
		s.Break("a.test.", "AAAA", dnstest.None)
		l.hears("")
		if n := s.Asked("a.test.", "AAAA") - before; n < 3 {
			t.Errorf("it was asked for %d times", n)
		}
		s.Set("a.test.", "A 10.0.0.2")
		l.hears("10.0.0.2:80*1")
	}
	s := dnstest.New(t)
	listen(t, s, "nowhere.test:80").hears("") // there is nothing to lose
}

func TestRecords(t *testing.T) {
	s := dnstest.New(t)
	s.Set("a.test.", "A 10.0.0.1")
	s.Set("b.test.", "A 10.0.0.2", "AAAA fd00::2")
	s.Set("c.test.", "A 10.0.0.3")
	s.Set("_x._tcp.test.", "SRV 1 5 8001 a.test.", "SRV 1 0 8002 b.test.", "SRV 2 9 8003 c.test.", "SRV 1 7 8004 a.test.", "SRV 1 7 0 a.test.", "SRV 1 1 8005 nowhere.test.")
	l := listen(t, s, "_x._tcp.test")
	l.hears("10.0.0.1:8001*5 10.0.0.1:8004*7 10.0.0.2:8002*0 [fd00::2]:8002*0")
	s.Break("b.test.", "A", dnstest.Fail) // its addresses are known
	s.Set("_x._tcp.test.", "SRV 1 5 8001 b.test.")
	l.hears("10.0.0.2:8001*5 [fd00::2]:8001*5")
	s.Break("c.test.", "A", dnstest.Fail)
	s.Break("c.test.", "AAAA", dnstest.Fail)
	s.Set("_x._tcp.test.", "SRV 1 5 8001 b.test.", "SRV 1 5 8001 c.test.") // those of c are not
	l.again(s, "c.test.", "A")
	s.Break("c.test.", "A", dnstest.None)
	l.hears("10.0.0.2:8001*5 10.0.0.3:8001*5 [fd00::2]:8001*5")
	s.Break("_x._tcp.test.", "SRV", dnstest.Fail)
	l.troubled(true)
	l.again(s, "_x._tcp.test.", "SRV")
	s.Set("_x._tcp.test.", "SRV 0 0 0 .") // there is no such service (RFC 2782)
	s.Break("_x._tcp.test.", "SRV", dnstest.None)
	l.hears("")
}

// TestHugeAnswers come by TCP. Records beyond the bound are not taken.
func TestHugeAnswers(t *testing.T) {
	s := dnstest.New(t)
	var many, want []string
	for i := range 1500 {
		addr := fmt.Sprintf("10.0.%d.%d", i/250, i%250)
		many, want = append(many, "A "+addr), append(want, addr+":80*1")
	}
	slices.Sort(want)
	s.Set("many.test.", many...)
	listen(t, s, "many.test:80").hears(strings.Join(want, " "))
	many = nil
	for i := range 1500 {
		many = append(many, fmt.Sprintf("SRV 1 1 %d a.test.", i+1))
	}
	s.Set("_many._tcp.test.", many...)
	s.Set("a.test.", "A 10.0.0.1")
	l := listen(t, s, "_many._tcp.test")
	l.troubled(true)
	if err := l.Trouble(l.service).Error(); !strings.Contains(err, "1500 SRV records, more than 1000") {
		t.Error(err)
	}
	if n := s.Asked("a.test.", "A"); n != 0 {
		t.Errorf("the target was asked for %d times", n)
	}
}

// TestSlowServer: while a server says nothing nobody waits for it, and the watch
// ends at once.
func TestSlowServer(t *testing.T) {
	s := dnstest.New(t)
	s.Set("a.test.", "A 10.0.0.1")
	s.Break("a.test.", "A", dnstest.Silence)
	s.Break("a.test.", "AAAA", dnstest.Silence)
	source := dns.New(dns.Options{Server: s.Addr, Refresh: time.Hour, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	if err := source.Watch(ctx, "a.test:80", func([]discovery.Endpoint) { t.Error("something is told") }); err != nil {
		t.Fatal(err)
	}
	coretest.Eventually(t, "it is asked", func() bool { return s.Asked("a.test.", "A") > 0 })
	cancel()
}

func TestBadServices(t *testing.T) {
	source := dns.New(dns.Options{Refresh: time.Hour, Log: slog.New(slog.DiscardHandler)})
	for _, service := range []string{"a:b:c", "a.test:", "a.test:70000", ":x"} {
		if err := source.Watch(context.Background(), service, nil); err == nil {
			t.Errorf("%q is taken", service)
		}
	}
}
