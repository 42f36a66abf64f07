package cluster_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/cluster/health"
	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/fault"
)

// list is a list of endpoints: "a:1" or "a:1*3" with a weight.
func list(endpoints ...string) (out []discovery.Endpoint) {
	for _, text := range endpoints {
		d := discovery.Endpoint{}
		d.Addr, _, _ = strings.Cut(text, "*")
		_, _ = fmt.Sscanf(text, d.Addr+"*%d", &d.Weight)
		out = append(out, d)
	}
	return out
}

func addrs(c *cluster.Cluster) (out []string) {
	for _, e := range c.Endpoints() {
		out = append(out, fmt.Sprintf("%s*%d", e.Addr, e.Facts().Weight))
	}
	return out
}

func TestUpdate(t *testing.T) {
	c := newCluster(t, cluster.Options{Name: "up"})
	for _, step := range []struct {
		list []string
		want cluster.Change
		has  []string // "" for the list
	}{
		{[]string{"a:1"}, cluster.Change{Added: 1}, []string{"a:1*1"}},
		{[]string{"a:1*1"}, cluster.Change{}, []string{"a:1*1"}},
		{[]string{"a:1", "b:1*3"}, cluster.Change{Added: 1}, []string{"a:1*1", "b:1*3"}},
		{[]string{"b:1*2", "a:1"}, cluster.Change{Changed: 1}, []string{"b:1*2", "a:1*1"}},
		{[]string{"b:1", "c:1"}, cluster.Change{Added: 1, Removed: 1, Changed: 1}, []string{"b:1*1", "c:1*1"}},
		{[]string{"b:1", "c:1", "b:1*4"}, cluster.Change{Changed: 1}, []string{"b:1*5", "c:1*1"}},
		{[]string{"b:1*4000000000", "b:1*4000000000"}, cluster.Change{Removed: 1, Changed: 1}, []string{"b:1*1000000"}},
		{nil, cluster.Change{Removed: 1}, nil},
		{[]string{"a:1"}, cluster.Change{Added: 1}, []string{"a:1*1"}},
	} {
		if got := c.Update(list(step.list...)); got != step.want {
			t.Errorf("to %v: %+v, want %+v", step.list, got, step.want)
		}
		if got := addrs(c); !slices.Equal(got, step.has) {
			t.Errorf("to %v: there are %v, want %v", step.list, got, step.has)
		}
		if got := reached(t, c); len(got) != len(step.has) {
			t.Errorf("to %v: picks come to %v", step.list, got)
		}
	}
}

func TestPickBeforeTheFirstAnswer(t *testing.T) {
	c := newCluster(t, cluster.Options{Name: "up", Discovered: true})
	kind := func() fault.Kind {
		_, err := c.Pick(nil)
		return fault.KindOf(err)
	}
	if got := kind(); got != fault.Undiscovered {
		t.Errorf("before the first answer: %v", got)
	}
	for _, step := range [][]string{nil, {"a:1"}, {"a:1", "b:1"}, nil} {
		c.Update(list(step...))
		want := fault.NoEndpoint
		if step != nil {
			want = fault.Unknown // for nil
		}
		if got := kind(); got != want {
			t.Errorf("%v: %v, want %v", step, got, want)
		}
	}
}

// TestUpdateLeavesTheOthersAlone: those that stay keep connections, numbers,
// ejections and health; of those that go, idle connections are closed.
func TestUpdateLeavesTheOthersAlone(t *testing.T) {
	var all []string
	for range 4 {
		all = append(all, coretest.Script(t, func(p *coretest.Peer) { p.Ended() }).Addr)
	}
	c := newCluster(t, cluster.Options{Name: "up", Endpoints: all, PanicThreshold: 0,
		Outlier: cluster.Outlier{Faults: 1, Time: forEver, MaxTime: forEver, MaxShare: 0.9},
		Health:  &health.Check{Kind: health.TCP, Interval: time.Hour, Timeout: coretest.Patience, HealthyAfter: 1, UnhealthyAfter: 1}})
	c.Watch()
	coretest.Eventually(t, "all are checked", func() bool {
		return !slices.ContainsFunc(c.Endpoints(), func(e *cluster.Endpoint) bool { return c.Condition(e).Health.Checks == 0 })
	})
	before := c.Endpoints()
	for _, e := range before {
		conn, err := e.Get(false)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Discard(conn)
	}
	fails(t, c, all[1], 1)
	checks := c.Condition(before[1]).Health.Checks
	stats := before[1].Stats()
	c.Update(list(all[1], all[2], all[3], "new:1"))
	c.Update(list(all[3], all[1], all[2]))
	now := c.Endpoints()
	if now[1] != before[1] || now[2] != before[2] || now[0] != before[3] {
		t.Fatal("endpoints that stayed are not the same")
	}
	if d := c.Condition(now[1]); !d.Ejected || d.Health.Checks != checks || now[1].Stats() != stats {
		t.Errorf("%+v %+v, before %+v", d, now[1].Stats(), stats)
	}
	if _, total, faults := now[1].Numbers(); total != 1 || faults != 1 {
		t.Errorf("total %d, faults %d", total, faults)
	}
	if got := reached(t, c); len(got) != 2 || slices.Contains(got, all[1]) {
		t.Errorf("picks come to %v", got)
	}
}

// TestRemovedEndpointFinishes: what is under way goes on, what lies idle is
// closed, and nothing of it comes back.
func TestRemovedEndpointFinishes(t *testing.T) {
	closed := make(chan bool)
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Ended()
		close(closed)
	})
	c := newCluster(t, cluster.Options{Endpoints: []string{up.Addr, "b:1"}, Balance: "round_robin",
		Outlier: cluster.Outlier{Faults: 1, Time: time.Millisecond, MaxTime: time.Millisecond, MaxShare: 1}})
	e, err := c.Pick(nil)
	if err != nil || e.Addr != up.Addr {
		t.Fatal(e, err)
	}
	conn, err := e.Get(false)
	if err != nil {
		t.Fatal(err)
	}
	c.Update(list("b:1"))
	if s := e.Stats(); s.Open != 1 {
		t.Fatalf("the request's connection was closed: %+v", s)
	}
	for range 10 {
		if e, err := c.Pick(e); err != nil || e.Addr != "b:1" {
			t.Fatalf("picked %v, %v", e, err)
		}
	}
	e.Put(conn)
	<-closed
	e.Done(true) // a fault of who is gone
	if s := e.Stats(); s.Open != 0 || s.Idle != 0 || c.Condition(e).Ejected {
		t.Errorf("%+v, %+v", s, c.Condition(e))
	}
	if got := reached(t, c); !slices.Equal(got, []string{"b:1"}) {
		t.Errorf("picks come to %v", got)
	}
}

func TestAnotherIdentityIsAnotherEndpoint(t *testing.T) {
	c := newCluster(t, cluster.Options{})
	d := []discovery.Endpoint{{Addr: "a:1", Identity: "spiffe://x/a", Metadata: map[string]string{"zone": "1"}}}
	c.Update(d)
	first := c.Endpoints()[0]
	d[0].Metadata = map[string]string{"zone": "2"}
	if got := c.Update(d); got != (cluster.Change{Changed: 1}) || c.Endpoints()[0] != first || !maps.Equal(first.Facts().Metadata, d[0].Metadata) {
		t.Errorf("%+v, %v", got, first.Facts())
	}
	d[0].Identity = "spiffe://x/b"
	if got := c.Update(d); got != (cluster.Change{Added: 1, Removed: 1}) || c.Endpoints()[0] == first {
		t.Errorf("%+v", got)
	}
}

// TestUpdateUnderPicks changes the endpoints while requests pick: no pick fails,
// and none is lost count of.
func TestUpdateUnderPicks(t *testing.T) {
	for _, balance := range []string{"p2c", "round_robin", "ring_hash", "peak_ewma"} {
		c := newCluster(t, cluster.Options{Endpoints: []string{"a:1", "b:1", "c:1"}, Balance: balance,
			PanicThreshold: 0.5, // all may be ejected at once
			Outlier:        cluster.Outlier{Faults: 2, Time: time.Microsecond, MaxTime: time.Microsecond, MaxShare: 1}})
		first := c.Endpoints()
		var picks sync.WaitGroup
		for k := range 4 {
			picks.Go(func() {
				var last *cluster.Endpoint
				for i := range 3000 {
					e, err := c.PickBy(uint64(i*k), last)
					if err != nil {
						t.Error(err)
						return
					}
					e.Answered(e.Asked())
					e.Done(i%3 == 0)
					last = e
				}
			})
		}
		for i := range 300 {
			c.Update(list("a:1", fmt.Sprintf("b:1*%d", 1+i%2), fmt.Sprintf("c:%d", 1+i%7)))
		}
		picks.Wait()
		for _, e := range append(first, c.Endpoints()...) {
			if active, _, _ := e.Numbers(); active != 0 {
				t.Errorf("%s: %s has %d requests under way", balance, e.Addr, active)
			}
		}
		c.Close()
		if got := c.Update(list("z:1")); got != (cluster.Change{}) {
			t.Errorf("a closed cluster changed: %+v", got)
		}
	}
}
