package lb_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/cluster/lb"
)

// loads are endpoints with so many requests each.
func loads(active ...int) []lb.Target {
	out := make([]lb.Target, len(active))
	for i, n := range active {
		out[i] = lb.Target{Addr: fmt.Sprintf("10.0.0.%d:80", i), Gauge: new(lb.Gauge)}
		for range n {
			out[i].Begin()
		}
	}
	return out
}

// weighted are idle endpoints of these weights.
func weighted(weights ...uint32) []lb.Target {
	out := loads(make([]int, len(weights))...)
	for i, w := range weights {
		out[i].Weight = w
	}
	return out
}

// picks counts which endpoints are picked in n turns.
func picks(p lb.Picker, of, avoid, n int) []int {
	got := make([]int, of)
	for range n {
		got[p.Pick(0, avoid)]++
	}
	return got
}

var names = []string{"p2c", "round_robin", "ring_hash", "peak_ewma"}

func policy(t testing.TB, name string) lb.Policy {
	p, ok := lb.New(name)
	if !ok {
		t.Fatalf("no policy %q", name)
	}
	return p
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
	for _, name := range names {
		for _, weights := range [][]uint32{{1}, {1, 1}, {3, 1}, {1000000, 1}, {1, 1, 1}, {5, 2, 1}, {1, 1, 1, 1, 1}} {
			n := len(weights)
			p := policy(t, name).Over(weighted(weights...))
			for avoid := -1; avoid <= n; avoid++ { // n is none of them
				got := picks(p, n, avoid, 500)
				for i, count := range got {
					if alone := n == 1; count > 0 && i == avoid && !alone {
						t.Errorf("%s, weights %v, avoiding %d: picked %v", name, weights, avoid, got)
					}
				}
			}
		}
	}
}

func TestEqualEndpointsGetEqualShares(t *testing.T) {
	if got := fmt.Sprint(picks(policy(t, "round_robin").Over(loads(0, 0, 0, 0)), 4, -1, 400)); got != "[100 100 100 100]" {
		t.Errorf("round robin: %s", got)
	}
	for _, name := range []string{"p2c", "peak_ewma"} {
		for i, count := range picks(policy(t, name).Over(loads(0, 0, 0, 0)), 4, -1, 40_000) {
			if count < 9_000 || count > 11_000 { // 11 standard deviations
				t.Errorf("%s: endpoint %d got %d of 40000", name, i, count)
			}
		}
	}
}

// TestWeights: idle endpoints get what their weights say.
func TestWeights(t *testing.T) {
	weights := []uint32{5, 0, 3, 1} // 0 is taken as 1
	for name, slack := range map[string]int{"p2c": 1_000, "peak_ewma": 1_000, "round_robin": 5, "ring_hash": 4_000} {
		for i, count := range picks(policy(t, name).Over(weighted(weights...)), 4, -1, 40_000) {
			if want := int(max(weights[i], 1)) * 4_000; count < want-slack || count > want+slack {
				t.Errorf("%s: the endpoint of weight %d got %d of 40000, want %d", name, weights[i], count, want)
			}
		}
	}
}

func TestP2CPrefersTheLessBusy(t *testing.T) {
	over := policy(t, "p2c").Over
	got := picks(over(loads(5, 1, 5, 5)), 4, -1, 10_000)
	if got[1] < 4_500 || got[1] > 5_500 { // it is one of the two in half of all pairs
		t.Errorf("the idle endpoint of four got %d of 10000, want about half", got[1])
	}
	if got := picks(over(loads(7, 3)), 2, -1, 100); got[1] != 100 {
		t.Errorf("the less busy of two got %d of 100", got[1])
	}
	if got := picks(over(loads(3, 7)), 2, 0, 100); got[1] != 100 {
		t.Errorf("the only one not avoided got %d of 100", got[1])
	}
	busy := loads(30, 1)
	busy[0].Weight, busy[1].Weight = 99, 1 // a canary, busier for its weight
	if got := picks(over(busy), 2, -1, 10_000); got[1] > 30 {
		t.Errorf("the busier for its weight got %d of 10000", got[1])
	}
}

// TestRoundRobinSpreads: turns of a heavy endpoint have those of others between
// them, and go on where they were when the endpoints change.
func TestRoundRobinSpreads(t *testing.T) {
	r := policy(t, "round_robin")
	p := r.Over(weighted(1, 3, 1))
	run, longest := 0, 0
	for range 1000 {
		if p.Pick(0, -1) == 1 {
			run++
		} else {
			run = 0
		}
		longest = max(longest, run)
	}
	if longest > 3 {
		t.Errorf("the endpoint of weight 3 of 5 had %d turns in a row", longest)
	}
	r = policy(t, "round_robin")
	for i := range 3 {
		if got := r.Over(loads(0, 0, 0)).Pick(0, -1); got != i {
			t.Errorf("turn %d is that of %d", i, got)
		}
	}
}

// The avoided endpoint is avoided also when others pick at the same time.
func TestRoundRobinAvoidsUnderConcurrency(t *testing.T) {
	p := policy(t, "round_robin").Over(loads(0, 0))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5000 {
				if p.Pick(0, 1) == 1 {
					t.Error("picked the avoided endpoint")
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestPicksAllocateNothing(t *testing.T) {
	for _, name := range names {
		for _, targets := range [][]lb.Target{loads(1, 2, 3), weighted(1, 2, 3)} {
			p := policy(t, name).Over(targets)
			if n := testing.AllocsPerRun(1000, func() { p.Pick(0, 1) }); n != 0 {
				t.Errorf("%s: a pick makes %v allocations", name, n)
			}
		}
	}
}
