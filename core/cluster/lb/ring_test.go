package lb_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/weirproxy/weir/core/cluster/lb"
)

const manyKeys = 20_000

// owners are the addresses that keys belong to.
func owners(p lb.Picker, targets []lb.Target) []string {
	out := make([]string, manyKeys)
	r := rand.New(rand.NewPCG(1, 2))
	for k := range out {
		out[k] = targets[p.Pick(r.Uint64()|1, -1)].Addr
	}
	return out
}

func TestRingIsTheSameForAll(t *testing.T) {
	targets := weighted(1, 2, 3, 1, 1)
	want := owners(policy(t, "ring_hash").Over(targets), targets)
	turned := slices.Clone(targets)
	slices.Reverse(turned)
	if !slices.Equal(owners(policy(t, "ring_hash").Over(turned), turned), want) {
		t.Error("the order in which endpoints are listed matters")
	}
}

// TestRingGrows takes a ring through changes and compares it with one that was
// made anew: no trace is left of the way, and keys move only where they have to.
func TestRingGrows(t *testing.T) {
	all := loads(make([]int, 40)...)
	p := policy(t, "ring_hash")
	r := rand.New(rand.NewPCG(3, 4))
	var before []string
	var had []lb.Target
	for step := range 60 {
		var now []lb.Target
		if step%2 == 0 || had == nil {
			for _, x := range all {
				if r.IntN(4) > 0 {
					now = append(now, x)
				}
			}
		} else { // one goes
			now = slices.Delete(slices.Clone(had), 3, 4)
		}
		r.Shuffle(len(now), func(i, j int) { now[i], now[j] = now[j], now[i] })
		if r.IntN(3) == 0 {
			now[0].Weight = uint32(1 + r.IntN(3))
		} else {
			now[0].Weight = 1
		}
		got := owners(p.Over(now), now)
		if !slices.Equal(got, owners(policy(t, "ring_hash").Over(now), now)) {
			t.Fatalf("step %d: a ring that grew differs from one that was made", step)
		}
		before, had = got, now
	}
	// Without one endpoint: its keys move, no other.
	gone := had[2].Addr
	now := slices.Delete(slices.Clone(had), 2, 3)
	for k, owner := range owners(p.Over(now), now) {
		if owner != before[k] && before[k] != gone {
			t.Fatalf("key %d moved from %s to %s, though %s went", k, before[k], owner, gone)
		}
	}
}

func TestRingShares(t *testing.T) {
	targets := loads(make([]int, 20)...)
	count := map[string]int{}
	for _, owner := range owners(policy(t, "ring_hash").Over(targets), targets) {
		count[owner]++
	}
	for addr, n := range count {
		if n < 600 || n > 1400 { // 1000, by 160 points each give or take 8 %
			t.Errorf("%s has %d of %d keys", addr, n, manyKeys)
		}
	}
}

// TestRingRetry: the second endpoint of a key is always the same too.
func TestRingRetry(t *testing.T) {
	p := policy(t, "ring_hash").Over(loads(0, 0, 0, 0))
	for key := uint64(1); key < 1<<40; key *= 3 {
		first := p.Pick(key, -1)
		second := p.Pick(key, first)
		if first == second || p.Pick(key, -1) != first || p.Pick(key, first) != second {
			t.Errorf("key %d: %d, then %d", key, first, second)
		}
	}
}

// BenchmarkRing changes one endpoint of many.
func BenchmarkRing(b *testing.B) {
	for _, n := range []int{10, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			targets := loads(make([]int, n)...)
			for i := range targets {
				targets[i].Addr = fmt.Sprintf("10.%d.%d.1:80", i/256, i%256)
			}
			p := policy(b, "ring_hash")
			p.Over(targets)
			for i := 0; b.Loop(); i++ {
				targets[0].Addr = fmt.Sprintf("10.255.255.1:%d", 1+i%60000)
				p.Over(slices.Clone(targets))
			}
		})
	}
}

func BenchmarkPick(b *testing.B) {
	for _, name := range names {
		for _, n := range []int{3, 1000} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				p := policy(b, name).Over(loads(make([]int, n)...))
				b.ReportAllocs()
				for key := uint64(0); b.Loop(); key += 0x9e3779b97f4a7c15 {
					p.Pick(key|1, -1)
				}
			})
		}
	}
}
