package health_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/cluster/health"
	"github.com/weirproxy/weir/core/coretest"
)

// TestVerdicts follows an endpoint through checks that succeed (+) and fail (-).
func TestVerdicts(t *testing.T) {
	for _, c := range []struct{ checks, want string }{
		{"++++", ""},
		{"-", "1:out"},
		{"-+-++", "1:out 5:in"},
		{"+--+--+", ""},
		{"+---", "4:out"},
		{"+---+-++", "4:out 8:in"},
		{"-++--+---", "1:out 3:in 9:out"},
		{"+-+-+-+-+-+-", ""}, // flapping
	} {
		t.Run(c.checks, func(t *testing.T) {
			t.Parallel()
			var serve []func(*coretest.Peer)
			for _, well := range c.checks {
				serve = append(serve, func(p *coretest.Peer) {
					if well == '+' {
						p.Say("yes")
					}
				})
			}
			serve = append(serve, func(p *coretest.Peer) { p.Ended() }) // the check after the last does not end
			up := coretest.Script(t, serve...)
			var mu sync.Mutex
			var got []string
			w := health.Watch(up.Addr, &health.Check{
				Kind: health.TCP, Expect: "yes", Interval: time.Millisecond, Jitter: 0.5, Timeout: time.Hour, HealthyAfter: 2, UnhealthyAfter: 3,
			}, options(t), func(healthy bool, why error) {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, fmt.Sprintf("%d:%s", up.Connections(), map[bool]string{true: "in", false: "out"}[healthy]))
				if healthy != (why == nil) {
					t.Errorf("healthy %t, because of %v", healthy, why)
				}
			})
			defer w.Stop()
			coretest.Eventually(t, "all checks are made", func() bool { return up.Connections() > len(c.checks) })
			mu.Lock()
			defer mu.Unlock()
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("changes %q, want %q", s, c.want)
			}
			s := w.State()
			if fails := strings.Count(c.checks, "-"); s.Checks != uint64(len(c.checks)) || s.Failures != uint64(fails) || s.Healthy != !strings.HasSuffix(c.want, "out") || s.Since.IsZero() != (c.want == "") {
				t.Errorf("%+v", s)
			}
		})
	}
}

// TestStopEndsWhatHangs: a check under way is not waited for, and leaves nothing.
func TestStopEndsWhatHangs(t *testing.T) {
	for _, kind := range []string{health.HTTP, health.TCP, health.GRPC} {
		o := options(t)
		before := runtime.NumGoroutine()
		asked, ended := make(chan bool), make(chan bool)
		up := coretest.Script(t, func(p *coretest.Peer) {
			p.Body(1)
			close(asked)
			p.Ended()
			close(ended)
		})
		w := health.Watch(up.Addr, &health.Check{Kind: kind, Path: "/", Send: "x", Expect: "y", Interval: time.Second, Timeout: time.Hour, HealthyAfter: 1, UnhealthyAfter: 1}, o,
			func(bool, error) { t.Errorf("%s: a check that was stopped changed the state", kind) })
		<-asked
		w.Stop()
		w.Stop()
		<-ended
		coretest.Eventually(t, kind+": the watcher's goroutines end", func() bool { return runtime.NumGoroutine() <= before+1 }) // the listener's
	}
}

// TestConnectionIsKept: checks of HTTP do not connect anew each time, unless
// one has failed.
func TestConnectionIsKept(t *testing.T) {
	well := func(n int) func(*coretest.Peer) {
		return func(p *coretest.Peer) {
			for range n {
				p.Head()
				p.Say("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
			}
			p.Head()
			p.Say("HTTP/1.1 500 X\r\ncontent-length: 5\r\n\r\nsorry")
			p.Head() // that was an answer like another
			p.Reset()
		}
	}
	up := coretest.Script(t, well(5), func(p *coretest.Peer) {
		for p.Head() != "" {
			p.Say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
		}
	})
	w := health.Watch(up.Addr, &health.Check{Kind: health.HTTP, Path: "/", Interval: time.Millisecond, Timeout: coretest.Patience, HealthyAfter: 1, UnhealthyAfter: 9}, options(t), func(bool, error) {})
	defer w.Stop()
	coretest.Eventually(t, "checks go on", func() bool { return w.State().Checks >= 20 })
	if s := w.State(); up.Connections() != 2 || s.Failures != 1 || !s.Healthy {
		t.Errorf("%d connections, %+v", up.Connections(), s)
	}
}
