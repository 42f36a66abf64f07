package cluster_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/sock"
)

// fleet is many services of some endpoints each.
func fleet(t testing.TB, services, each int, balance string) (all []*cluster.Cluster, lists [][]discovery.Endpoint) {
	r := sock.NewReaper(time.Second)
	t.Cleanup(r.Close)
	for s := range services {
		list := make([]discovery.Endpoint, each)
		for i := range list {
			list[i].Addr = fmt.Sprintf("10.%d.%d.%d:80", s%256, i/256, i%256)
		}
		c := cluster.New(cluster.Options{Name: fmt.Sprint(s), Balance: balance, Discovered: true, Pool: pool.Options{Connections: 1, Reaper: r}})
		c.Update(list)
		t.Cleanup(c.Close)
		all, lists = append(all, c), append(lists, list)
	}
	return all, lists
}

// TestOneOfTenThousandChanges: no other pool is touched.
func TestOneOfTenThousandChanges(t *testing.T) {
	all, lists := fleet(t, 1000, 10, "ring_hash")
	type was struct {
		endpoint *cluster.Endpoint
		pool     *pool.Pool
		stats    pool.Stats
	}
	var before []was
	for _, c := range all {
		for _, e := range c.Endpoints() {
			before = append(before, was{e, e.Pool, e.Stats()})
		}
	}
	lists[500][3].Addr = "10.255.255.255:80"
	for i, c := range all { // as sources do that tell all they know each time
		want := cluster.Change{}
		if i == 500 {
			want = cluster.Change{Added: 1, Removed: 1}
		}
		if got := c.Update(lists[i]); got != want {
			t.Errorf("service %d: %+v, want %+v", i, got, want)
		}
	}
	for i, c := range all {
		for k, e := range c.Endpoints() {
			if now := (was{e, e.Pool, e.Stats()}); (now == before[10*i+k]) == (i == 500 && k == 3) {
				t.Errorf("endpoint %d of service %d: %+v, before %+v", k, i, now, before[10*i+k])
			}
		}
	}
}

// BenchmarkUpdate changes one endpoint of many. "told" is when its source tells of
// that service alone, "all" when it tells of all, of which one has changed.
func BenchmarkUpdate(b *testing.B) {
	for _, size := range []struct{ services, each int }{{1000, 10}, {1, 10_000}} {
		for _, balance := range []string{"p2c", "ring_hash"} {
			for _, kind := range []string{"told", "all"} {
				b.Run(fmt.Sprintf("%dx%d/%s/%s", size.services, size.each, balance, kind), func(b *testing.B) {
					all, lists := fleet(b, size.services, size.each, balance)
					b.ReportAllocs()
					for i := 0; b.Loop(); i++ {
						lists[0][0].Addr = fmt.Sprintf("10.255.%d.%d:80", i/256%256, i%256)
						if all[0].Update(lists[0]).Added != 1 {
							b.Fatal("nothing changed")
						}
						for k := 1; k < len(all) && kind == "all"; k++ {
							all[k].Update(lists[k])
						}
					}
				})
			}
		}
	}
}
