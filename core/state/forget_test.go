package state_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/state"
)

// rounds has each proxy ask, some times.
func rounds(proxies []proxy, n int) {
	for range n {
		for _, p := range proxies {
			p.Round(context.Background())
		}
	}
}

// flood has each proxy asked so often, a turn after the other, with an exchange
// after each so many requests.
func flood(t *testing.T, proxies []proxy, r state.Rate, n, each int) (allowed int) {
	t.Helper()
	for i := range n {
		for _, p := range proxies {
			if p.take(t, r) {
				allowed++
			}
			if i%each == each-1 {
				p.Round(context.Background())
			}
		}
	}
	return allowed
}

// TestFleetStoreForgets: no more gets through of a limit because the store has
// forgotten all, was away, or both.
func TestFleetStoreForgets(t *testing.T) {
	const never = 1 << 30
	for name, c := range map[string]struct {
		before, away int // of 400 get through, at two proxies
		do           func(t *testing.T, proxies []proxy, g *ledger, r state.Rate) (before, away int)
	}{
		"what was used up is used up": {before: 400, do: func(t *testing.T, proxies []proxy, g *ledger, r state.Rate) (int, int) {
			before := flood(t, proxies, r, 500, 5)
			g.forget()
			return before, 0
		}},
		"also without the store": {before: 400, do: func(t *testing.T, proxies []proxy, g *ledger, r state.Rate) (int, int) {
			before := flood(t, proxies, r, 500, 5)
			g.down = true
			rounds(proxies, 1)
			away := flood(t, proxies, r, 300, 50)
			g.down = false
			g.forget()
			return before, away
		}},
		"a part was used": {before: 400, do: func(t *testing.T, proxies []proxy, g *ledger, r state.Rate) (int, int) {
			before := flood(t, proxies, r, 60, 5)
			rounds(proxies, 3)
			g.forget()
			return before + flood(t, proxies, r, 500, 5), 0
		}},
		"first used without the store, between two exchanges": {away: 400, do: func(t *testing.T, proxies []proxy, g *ledger, r state.Rate) (int, int) {
			g.down = true
			rounds(proxies, 1)
			away := flood(t, proxies, r, 300, never)
			g.down = false
			g.forget()
			return 0, away
		}},
		"the same, and it has forgotten nothing": {away: 400, do: func(t *testing.T, proxies []proxy, g *ledger, r state.Rate) (int, int) {
			g.down = true
			rounds(proxies, 1)
			away := flood(t, proxies, r, 300, never)
			g.down = false
			return 0, away
		}},
		"one tells late": {away: 400, do: func(t *testing.T, proxies []proxy, g *ledger, r state.Rate) (int, int) {
			g.down = true
			rounds(proxies, 1)
			away := flood(t, proxies, r, 300, never)
			g.down = false
			g.forget()
			return 0, away + flood(t, proxies[:1], r, 300, 1)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			proxies, g, clock := fleet(t, 2)
			r := state.Rate{Limit: 400, Period: 240 * time.Hour, Fleet: true}
			rounds(proxies, 2)
			before, away := c.do(t, proxies, g, r)
			after := flood(t, proxies, r, 300, 5)
			clock.advance(time.Second)
			rounds(proxies, 3)
			after += flood(t, proxies, r, 300, 5)
			// Before, both may advance a little between two exchanges.
			if before < c.before || before > c.before+10 || away != c.away || after != 0 {
				t.Errorf("%d, %d and %d got through, want %d, %d and none", before, away, after, c.before, c.away)
			}
		})
	}
}

// TestFleetHoldsTheLimitThroughOutages is TestFleetHoldsTheLimit with a store that
// goes at times, and forgets at times.
func TestFleetHoldsTheLimitThroughOutages(t *testing.T) {
	const step = 5 * time.Millisecond
	for _, n := range []int{1, 2, 5} {
		for _, r := range []state.Rate{
			{Limit: 1000, Period: time.Second, Fleet: true},
			{Limit: 3000, Period: time.Minute, Burst: 500, Fleet: true},
			{Limit: 400, Period: 10 * time.Second, Fleet: true},
		} {
			t.Run(fmt.Sprintf("%d proxies, %d per %v", n, r.Limit, r.Period), func(t *testing.T) {
				random := rand.New(rand.NewPCG(uint64(n), uint64(r.Limit)))
				proxies, g, c := fleet(t, n)
				demand := max(2, int(2*float64(r.Limit)*float64(step)/float64(r.Period)))
				allowed, begin, worst := 0, c.now(), 0.0
				for range 4000 {
					switch {
					case g.down:
						g.down = random.IntN(40) > 0
					case random.IntN(200) == 0:
						g.down = true
					}
					if random.IntN(200) == 0 {
						g.forget()
					}
					for range demand {
						if proxies[random.IntN(n)].take(t, r) {
							allowed++
						}
					}
					for _, p := range proxies {
						if random.IntN(3) > 0 {
							p.Round(context.Background())
						}
					}
					c.advance(step)
					most := float64(r.Limit)
					if r.Burst > 0 {
						most = float64(r.Burst)
					}
					passed := float64(c.now()-begin) / float64(r.Period)
					worst = max(worst, float64(allowed)-most-float64(r.Limit)*passed)
				}
				if limit := float64(r.Limit)/20 + float64(n); worst > limit {
					t.Errorf("%.0f more got through than the limit, at most %.0f", worst, limit)
				}
				if fair := float64(r.Limit) * float64(c.now()-begin) / float64(r.Period) * 0.9; float64(allowed) < fair {
					t.Errorf("%d got through, at least %.0f of demand twice the limit", allowed, fair)
				}
			})
		}
	}
}
