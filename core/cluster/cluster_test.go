package cluster_test

import (
	"testing"
	"time"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/sock"
)

func newCluster(t *testing.T, o cluster.Options) *cluster.Cluster {
	t.Helper()
	r := sock.NewReaper(time.Millisecond)
	t.Cleanup(r.Close)
	o.Pool = pool.Options{Connections: 1, Reaper: r}
	c := cluster.New(o)
	t.Cleanup(c.Close)
	return c
}

func TestPickCountsWhatIsUnderWay(t *testing.T) {
	c := newCluster(t, cluster.Options{Name: "up", Endpoints: []string{"127.0.0.1:1", "127.0.0.1:2", "name:3"}, Balance: "round_robin"})
	var last *cluster.Endpoint
	for range 6 {
		e, err := c.Pick(last)
		if err != nil || e == last {
			t.Fatalf("picked %v again (%v)", e, err)
		}
		last = e
	}
	for _, e := range c.Endpoints() {
		active, total, faults := e.Numbers()
		if active != 2 || total != 2 || faults != 0 {
			t.Errorf("%s: active %d, total %d, faults %d", e.Addr, active, total, faults)
		}
		e.Done(false)
		e.Done(true)
		if active, total, faults = e.Numbers(); active != 0 || total != 2 || faults != 1 {
			t.Errorf("%s: active %d, total %d, faults %d at the end", e.Addr, active, total, faults)
		}
		if e.IP.IsValid() != (e.Addr != "name:3") {
			t.Errorf("%s: address %v", e.Addr, e.IP)
		}
	}
}

func TestPickWithoutEndpoints(t *testing.T) {
	if _, err := newCluster(t, cluster.Options{}).Pick(nil); fault.KindOf(err) != fault.NoEndpoint {
		t.Errorf("%v, want no_endpoint", err)
	}
}

func TestRetryBudget(t *testing.T) {
	for _, c := range []struct {
		share    float64
		underWay int
		want     int // retries at once
	}{
		{0, 100, 0}, {0.2, 0, 3}, {0.2, 15, 3}, {0.2, 20, 4}, {0.2, 24, 4}, {0.2, 100, 20}, {1, 10, 10},
	} {
		cl := newCluster(t, cluster.Options{Endpoints: []string{"127.0.0.1:1"}, RetryBudget: c.share})
		for range c.underWay {
			cl.Enter()
		}
		got := 0
		for got < 1000 && cl.TryRetry() {
			got++
		}
		if got != c.want {
			t.Errorf("share %v of %d: %d retries, want %d", c.share, c.underWay, got, c.want)
		}
		if got == 0 {
			continue
		}
		cl.EndRetry()
		if !cl.TryRetry() || cl.TryRetry() {
			t.Errorf("share %v of %d: one that ended does not make room for exactly one", c.share, c.underWay)
		}
		for range c.underWay {
			cl.Leave()
		}
		for range got {
			cl.EndRetry()
		}
		for range min(got, 3) {
			if !cl.TryRetry() {
				t.Error("the budget is not whole again")
			}
		}
	}
}
