package listener_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/listener"
	"github.com/weirproxy/weir/core/observe"
)

// TestConnectionLimit: over the limit an idle connection makes room, and where
// none is idle the new one is closed.
func TestConnectionLimit(t *testing.T) {
	r := open(t, func(s *listener.Settings) { s.Connections = 2 }).serve()
	idle, busy := coretest.Dial(t, r.at), r.begin()
	if got := ask(idle); got.Status != 404 {
		t.Fatalf("%+v", got)
	}
	coretest.Eventually(t, "both are open", func() bool { return r.Stats().Open == 2 })
	r.idle()
	next := r.begin()
	if !idle.Closed() {
		t.Error("the idle connection was answered something")
	}
	if got := finish(next); got.Status != 404 {
		t.Errorf("%+v", got)
	}
	r.idle()
	third := r.begin() // next is idle now
	if !next.Closed() {
		t.Error("the idle connection was answered something")
	}
	coretest.Eventually(t, "two are open again", func() bool { return r.Stats().Open == 2 })
	if !r.refused() {
		t.Error("one more than the limit was taken")
	}
	if got := finish(busy); got.Status != 404 {
		t.Errorf("%+v", got)
	}
	if got := finish(third); got.Status != 404 {
		t.Errorf("%+v", got)
	}
	s := r.Stats()
	if s.Side != "gateway" || s.Addr != r.at || s.Accepted != 5 || s.Refused != 1 || s.Evicted != 2 || s.Failures != 0 {
		t.Errorf("%+v", s)
	}
}

// TestRequestsPerConnection: the last response says that it is the last.
func TestRequestsPerConnection(t *testing.T) {
	r := open(t, func(s *listener.Settings) { s.RequestsPerConn = 3 }).serve()
	c := coretest.Dial(t, r.at)
	for n := 1; n <= 3; n++ {
		if got := ask(c); got.Status != 404 || got.Close != (n == 3) {
			t.Errorf("request %d: %+v", n, got)
		}
	}
	if !c.Closed() {
		t.Error("the connection stayed")
	}
}

// TestSettingsAreForConnectionsToCome: a connection keeps those it began with.
func TestSettingsAreForConnectionsToCome(t *testing.T) {
	r := open(t, nil).serve()
	before := coretest.Dial(t, r.at)
	ask(before)
	r.Set(settings(r.metrics, func(s *listener.Settings) { s.RequestsPerConn = 1 }))
	if got := ask(before); got.Close {
		t.Errorf("the connection from before: %+v", got)
	}
	if got := ask(coretest.Dial(t, r.at)); !got.Close {
		t.Errorf("a new connection: %+v", got)
	}
}

func TestDrain(t *testing.T) {
	r := open(t, nil).serve()
	idle, busy := coretest.Dial(t, r.at), r.begin()
	if got := ask(idle); got.Close {
		t.Errorf("before: %+v", got)
	}
	r.Drain()
	for name, c := range map[string]*coretest.Client{"an idle connection": idle, "a new connection": coretest.Dial(t, r.at)} {
		if got := ask(c); got.Status != 404 || !got.Close {
			t.Errorf("%s: %+v", name, got)
		}
		if !c.Closed() {
			t.Errorf("%s stayed", name)
		}
	}
	if got := finish(busy); !got.Close {
		t.Errorf("a request that was under way: %+v", got)
	}
}

func TestStop(t *testing.T) {
	r := open(t, nil).serve()
	idle, busy := coretest.Dial(t, r.at), r.begin()
	ask(idle)
	coretest.Eventually(t, "both are open", func() bool { return r.Stats().Open == 2 })
	cut := make(chan int, 1)
	go func() { cut <- r.end(coretest.Patience) }()
	if !idle.Closed() {
		t.Error("an idle connection was answered something")
	}
	if c, err := net.Dial("tcp", r.at); err == nil {
		_ = c.Close()
		t.Error("it still accepts")
	}
	if got := finish(busy); got.Status != 404 || !got.Close {
		t.Errorf("%+v", got)
	}
	if n := <-cut; n != 0 || r.Stats().Open != 0 {
		t.Errorf("%d cut, %d still open", n, r.Stats().Open)
	}
}

func TestStopCuts(t *testing.T) {
	r := open(t, nil).serve()
	busy := r.begin()
	coretest.Eventually(t, "it is open", func() bool { return r.Stats().Open == 1 })
	if n := r.end(0); n != 1 || r.Stats().Open != 0 {
		t.Errorf("%d cut, %d still open", n, r.Stats().Open)
	}
	if !busy.Closed() {
		t.Error("it was answered something")
	}
}

// TestLastCall: a request that is on its way when the listener stops is
// answered.
func TestLastCall(t *testing.T) {
	r := open(t, nil).serve()
	c := coretest.Dial(t, r.at)
	ask(c)
	cut := make(chan int, 1)
	go func() { cut <- r.end(coretest.Patience) }()
	coretest.Eventually(t, "it accepts no more", func() bool {
		c, err := net.Dial("tcp", r.at)
		if err == nil {
			_ = c.Close()
		}
		return err != nil
	})
	if got := ask(c); got.Status != 404 || !got.Close {
		t.Errorf("%+v", got)
	}
	if n := <-cut; n != 0 {
		t.Errorf("%d cut", n)
	}
}

func TestKeepAliveEnds(t *testing.T) {
	r := open(t, func(s *listener.Settings) { s.KeepAlive = 50 * time.Millisecond }).serve()
	c := coretest.Dial(t, r.at)
	ask(c)
	if !c.Closed() {
		t.Error("an idle connection was answered something")
	}
}

// TestPanic: a bug that one stream finds ends its connection, and nothing else.
func TestPanic(t *testing.T) {
	r := open(t, nil).serve()
	other := coretest.Dial(t, r.at)
	ask(other)
	for range 3 {
		c := coretest.Dial(t, r.at)
		c.Send(strings.Replace(request, "/", panicking, 1))
		if _, err := c.TryRead("GET"); err == nil && !c.Closed() {
			t.Error("the connection stayed")
		}
	}
	if got := ask(other); got.Status != 404 {
		t.Errorf("another connection: %+v", got)
	}
	coretest.Eventually(t, "only the other is open", func() bool { return r.Stats().Open == 1 })
	r.idle()
	r.proxy.Swap(snapshot(t, observe.NewMetrics("test").Listener("gateway"), r.gate))
	coretest.Eventually(t, "the snapshot is let go of", r.given.Load)
	if !r.log.Has("level=ERROR", "panic while serving a connection", "a bug in what records streams", "rig_test.go") {
		t.Error("the log does not say what panicked and where")
	}
}

func TestOpenRefuses(t *testing.T) {
	r := open(t, nil)
	for addr, says := range map[string]string{r.at: "address already in use", "192.0.2.1:1": "cannot assign requested address"} {
		l, err := listener.Open(addr)
		if err == nil {
			_ = l.Close()
			t.Errorf("%s: it opened", addr)
		} else if !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), addr) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
