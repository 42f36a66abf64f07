package cluster_test

import (
	"slices"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/cluster/health"
	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/fault"
)

// fails has n requests in a row to addr fail by its fault.
func fails(t *testing.T, c *cluster.Cluster, addr string, n int) {
	ends(t, c, addr, n, func(e *cluster.Endpoint) { e.Done(true) })
}

// ends sends n requests to addr and ends them. Others in between say nothing.
func ends(t *testing.T, c *cluster.Cluster, addr string, n int, end func(e *cluster.Endpoint)) {
	t.Helper()
	for range 1000 {
		e, err := c.Pick(nil)
		switch {
		case err != nil:
			t.Fatal(err)
		case e.Addr != addr:
			e.Broke(nil)
			continue
		}
		end(e)
		if n--; n == 0 {
			return
		}
	}
	t.Fatalf("%s is not picked", addr)
}

// reached are the endpoints that picks come to, in order.
func reached(t *testing.T, c *cluster.Cluster) (addrs []string) {
	t.Helper()
	for range 300 {
		e, err := c.Pick(nil)
		if err != nil {
			return nil
		}
		e.Broke(nil)
		if !slices.Contains(addrs, e.Addr) {
			addrs = append(addrs, e.Addr)
		}
	}
	slices.Sort(addrs)
	return addrs
}

const forEver = 1000 * time.Hour

func TestOutliersAreAvoided(t *testing.T) {
	for _, balance := range []string{"p2c", "round_robin"} {
		c := newCluster(t, cluster.Options{Name: "up", Endpoints: []string{"a:1", "b:1", "c:1", "d:1"}, Balance: balance,
			Outlier: cluster.Outlier{Faults: 3, Time: forEver, MaxTime: forEver, MaxShare: 0.5}, PanicThreshold: 0.5})
		fails(t, c, "a:1", 2)
		ends(t, c, "a:1", 1, func(e *cluster.Endpoint) { e.Broke(nil) }) // says nothing
		if got := reached(t, c); len(got) != 4 {
			t.Fatalf("%s: two faults of three leave %v", balance, got)
		}
		ends(t, c, "a:1", 1, func(e *cluster.Endpoint) { e.Done(false) })
		fails(t, c, "a:1", 2)
		if got := reached(t, c); len(got) != 4 {
			t.Fatalf("%s: a success in between leaves %v", balance, got)
		}
		fails(t, c, "a:1", 1)
		if got := reached(t, c); !slices.Equal(got, []string{"b:1", "c:1", "d:1"}) {
			t.Fatalf("%s: three faults leave %v", balance, got)
		}
		// Faults that are not the endpoint's.
		ends(t, c, "b:1", 9, func(e *cluster.Endpoint) { e.Broke(fault.New(fault.PoolFull, "", nil)) })
		ends(t, c, "b:1", 9, func(e *cluster.Endpoint) { e.Broke(fault.New(fault.ClientGone, "", nil)) })
		fails(t, c, "c:1", 3)
		fails(t, c, "d:1", 30) // beyond the share that may be out
		if got := reached(t, c); !slices.Equal(got, []string{"b:1", "d:1"}) {
			t.Fatalf("%s: half of the endpoints may be out, left are %v", balance, got)
		}
		// A retry goes elsewhere, also when the last endpoint is out by now.
		for _, last := range c.Endpoints() {
			for range 20 {
				e, err := c.Pick(last)
				if err != nil || e == last {
					t.Fatalf("%s: after %s, %v was picked again (%v)", balance, last.Addr, e, err)
				}
				e.Broke(nil)
			}
		}
		if d := c.Condition(c.Endpoints()[0]); !d.Ejected || d.Ejections != 1 || d.Checked || !d.Health.Healthy {
			t.Errorf("%+v", d)
		}
	}
}

func TestOnlyEndpointIsNeverEjected(t *testing.T) {
	c := newCluster(t, cluster.Options{Endpoints: []string{"a:1"}, Outlier: cluster.Outlier{Faults: 1, Time: forEver, MaxTime: forEver, MaxShare: 1}})
	fails(t, c, "a:1", 10)
	if got := reached(t, c); len(got) != 1 {
		t.Errorf("left are %v", got)
	}
}

func TestEjectionEnds(t *testing.T) {
	c := newCluster(t, cluster.Options{Endpoints: []string{"a:1", "b:1"}, Outlier: cluster.Outlier{Faults: 1, Time: time.Millisecond, MaxTime: time.Hour}})
	for n := range uint64(3) {
		fails(t, c, "a:1", 1)
		coretest.Eventually(t, "the endpoint is back", func() bool {
			d := c.Condition(c.Endpoints()[0])
			return !d.Ejected && d.Ejections == n+1 && len(reached(t, c)) == 2
		})
	}
}

// TestHealthChecksDecide: three of four endpoints go, one after the other, and
// come back.
func TestHealthChecksDecide(t *testing.T) {
	for _, c := range []struct {
		threshold float64
		alive     int
		want      int // endpoints that are used
	}{{0.5, 4, 4}, {0.5, 3, 3}, {0.5, 2, 2}, {0.5, 1, 4}, {0.5, 0, 4}, {0, 1, 1}, {0, 0, 0}, {1, 3, 4}} {
		var addrs []string
		for i := range 4 {
			if i < c.alive {
				addrs = append(addrs, coretest.Script(t, func(p *coretest.Peer) { p.Ended() }).Addr)
			} else {
				addrs = append(addrs, coretest.Refusing(t))
			}
		}
		cl := newCluster(t, cluster.Options{Name: "up", Endpoints: addrs, PanicThreshold: c.threshold, Health: &health.Check{
			Kind: health.TCP, Interval: time.Millisecond, Timeout: coretest.Patience, HealthyAfter: 1, UnhealthyAfter: 1,
		}})
		if n := cl.Usable(); n != 4 {
			t.Errorf("%d endpoints are used before the first check, want all", n)
		}
		cl.Watch()
		cl.Watch()
		coretest.Eventually(t, "all have been checked twice", func() bool {
			for _, e := range cl.Endpoints() {
				if d := cl.Condition(e); !d.Checked || d.Health.Checks < 2 {
					return false
				}
			}
			return true
		})
		if n := cl.Usable(); n != c.want {
			t.Errorf("threshold %v, %d of 4 alive: %d are used, want %d", c.threshold, c.alive, n, c.want)
		}
		if got := reached(t, cl); len(got) != c.want {
			t.Errorf("threshold %v, %d of 4 alive: picks come to %v", c.threshold, c.alive, got)
		}
	}
}

// TestPickAllocatesNothing, whatever the condition of the cluster.
func TestPickAllocatesNothing(t *testing.T) {
	c := newCluster(t, cluster.Options{Endpoints: []string{"a:1", "b:1", "c:1"},
		Outlier: cluster.Outlier{Faults: 1, Time: forEver, MaxTime: forEver}})
	fails(t, c, "a:1", 1)
	var last *cluster.Endpoint
	if n := testing.AllocsPerRun(1000, func() {
		e, _ := c.Pick(last)
		e.Done(false)
		last = e
	}); n != 0 {
		t.Errorf("a pick makes %v allocations", n)
	}
}

func BenchmarkPick(b *testing.B) {
	c := cluster.New(cluster.Options{Endpoints: []string{"a:1", "b:1", "c:1"}, Outlier: cluster.Outlier{Faults: 5}})
	var last *cluster.Endpoint
	b.ReportAllocs()
	for b.Loop() {
		e, _ := c.Pick(last)
		e.Done(false)
		last = e
	}
}
