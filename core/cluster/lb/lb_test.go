package lb_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/cluster/lb"
)

// loads is a set of endpoints with so many requests each.
type loads []int64

func (l loads) Len() int         { return len(l) }
func (l loads) Load(i int) int64 { return l[i] }

// picks counts which endpoints a policy picks in n turns.
func picks(p lb.Policy, s lb.Set, avoid, n int) []int {
	got := make([]int, s.Len())
	for range n {
		got[p.Pick(s, avoid)]++
	}
	return got
}

func policies(t *testing.T) map[string]lb.Policy {
	m := map[string]lb.Policy{}
	for _, name := range []string{"p2c", "round_robin"} {
		p, ok := lb.New(name)
		if !ok {
			t.Fatalf("no policy %q", name)
		}
		m[name] = p
	}
	return m
}

func TestNames(t *testing.T) {
	if _, ok := lb.New("roulette"); ok {
		t.Error("an unknown name gives a policy")
	}
	if p, ok := lb.New(""); !ok || p != (lb.P2C{}) {
		t.Error("the default is not p2c")
	}
}

func TestAvoidedEndpointIsPickedOnlyWhenAlone(t *testing.T) {
	for name, p := range policies(t) {
		for n := 1; n <= 5; n++ {
			for avoid := -1; avoid <= n; avoid++ { // n is none of them
				got := picks(p, make(loads, n), avoid, 500)
				for i, count := range got {
					if alone := n == 1; (count == 0) != (i == avoid && !alone) {
						t.Errorf("%s, %d endpoints, avoiding %d: picked %v", name, n, avoid, got)
						break
					}
				}
			}
		}
	}
}

func TestEqualEndpointsGetEqualShares(t *testing.T) {
	if got := fmt.Sprint(picks(new(lb.RoundRobin), make(loads, 4), -1, 400)); got != "[100 100 100 100]" {
		t.Errorf("round robin: %s", got)
	}
	for i, count := range picks(lb.P2C{}, make(loads, 4), -1, 40_000) {
		if count < 9_000 || count > 11_000 { // 11 standard deviations
			t.Errorf("p2c: endpoint %d got %d of 40000", i, count)
		}
	}
}

func TestP2CPrefersTheLessBusy(t *testing.T) {
	got := picks(lb.P2C{}, loads{5, 1, 5, 5}, -1, 10_000)
	if got[1] < 4_500 || got[1] > 5_500 { // it is one of the two in half of all pairs
		t.Errorf("the idle endpoint of four got %d of 10000, want about half", got[1])
	}
	if got := picks(lb.P2C{}, loads{7, 3}, -1, 100); got[1] != 100 {
		t.Errorf("the less busy of two got %d of 100", got[1])
	}
	if got := picks(lb.P2C{}, loads{3, 7}, 0, 100); got[1] != 100 {
		t.Errorf("the only one not avoided got %d of 100", got[1])
	}
}

// The avoided endpoint is avoided also when others pick at the same time.
func TestRoundRobinAvoidsUnderConcurrency(t *testing.T) {
	p, s := new(lb.RoundRobin), make(loads, 2)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5000 {
				if p.Pick(s, 1) == 1 {
					t.Error("picked the avoided endpoint")
					return
				}
			}
		})
	}
	wg.Wait()
}
