package state_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/state"
)

// proxy is one of a fleet.
type proxy struct {
	*state.Namespace
	*state.Fleet
}

// fleet makes n proxies that share a ledger and a clock.
func fleet(t *testing.T, n int) ([]proxy, *ledger, *clock) {
	t.Helper()
	c := &clock{}
	c.advance(time.Hour)
	g := newLedger(c.now)
	var proxies []proxy
	for range n {
		s := state.New(state.Options{Now: c.now})
		f := s.UseFleet(state.FleetOptions{Exchanger: g, Members: n})
		space := s.Open("vm", 0)
		t.Cleanup(space.Close)
		f.Round(context.Background())
		proxies = append(proxies, proxy{space, f})
	}
	return proxies, g, c
}

func (p proxy) take(t *testing.T, r state.Rate) bool {
	t.Helper()
	d, err := p.Take([]byte("key"), 1, r)
	if err != nil {
		t.Fatal(err)
	}
	if !d.Allowed && d.Retry <= 0 {
		t.Fatalf("refused without a time: %+v", d)
	}
	return d.Allowed
}

// over is how much more than the limit a fleet may let through, by the README:
// a tenth of the limit or 32 requests of each proxy, which is more; what is
// leased; and what comes back in the life of a lease at each proxy.
func over(r state.Rate, n int, life time.Duration) float64 {
	most := float64(r.Limit)
	if r.Burst > 0 {
		most = float64(r.Burst)
	}
	cold := min(most, max(most/10, float64(32*n)))
	return cold + float64(n+2)*float64(r.Limit)*float64(life)/float64(r.Period) + float64(n)
}

// TestFleetHoldsTheLimit has clients ask proxies in all manners, while exchanges
// take their time.
func TestFleetHoldsTheLimit(t *testing.T) {
	const step = 5 * time.Millisecond
	for _, n := range []int{1, 2, 5} {
		for _, r := range []state.Rate{
			{Limit: 1000, Period: time.Second, Fleet: true},
			{Limit: 3000, Period: time.Minute, Burst: 500, Fleet: true},
			{Limit: 20, Period: time.Second, Fleet: true},
		} {
			for _, manner := range []string{"all", "one by one", "any", "a flood"} {
				t.Run(fmt.Sprintf("%d proxies, %d per %v, %s", n, r.Limit, r.Period, manner), func(t *testing.T) {
					random := rand.New(rand.NewPCG(uint64(n), uint64(r.Limit)))
					proxies, _, c := fleet(t, n)
					life := r.Period / 20
					demand := max(2, int(2*float64(r.Limit)*float64(step)/float64(r.Period))) // twice what may pass
					if manner == "a flood" {
						demand *= 20
					}
					allowed, begin := 0, c.now()
					for i := 0; i < 2000; i++ {
						for k := range demand {
							p := proxies[0]
							switch manner {
							case "all":
								p = proxies[(i+k)%n]
							case "one by one":
								p = proxies[i/100%n]
							case "any", "a flood":
								p = proxies[random.IntN(n)]
							}
							if p.take(t, r) {
								allowed++
							}
						}
						for _, p := range proxies {
							if random.IntN(3) > 0 { // some are late
								p.Round(context.Background())
							}
						}
						c.advance(step)
						most := float64(max(r.Limit, 0))
						if r.Burst > 0 {
							most = float64(r.Burst)
						}
						passed := float64(c.now()-begin) / float64(r.Period)
						if limit := most + float64(r.Limit)*passed + over(r, n, life); float64(allowed) > limit {
							t.Fatalf("%d allowed after %.2f periods, at most %.0f", allowed, passed, limit)
						}
					}
					passed := float64(c.now()-begin) / float64(r.Period)
					if fair := float64(r.Limit) * passed * 0.9; float64(allowed) < fair {
						t.Errorf("%d allowed in %.2f periods, at least %.0f of demand twice the limit", allowed, passed, fair)
					}
				})
			}
		}
	}
}

// TestFleetKnowsOfAll: what one proxy let through, another one knows.
func TestFleetKnowsOfAll(t *testing.T) {
	proxies, _, c := fleet(t, 2)
	r := state.Rate{Limit: 6, Period: time.Hour, Fleet: true}
	allowed := 0
	for i := range 40 {
		if proxies[i%2].take(t, r) {
			allowed++
		}
		for _, p := range proxies {
			p.Round(context.Background())
		}
		c.advance(600 * time.Millisecond)
	}
	if allowed != 6 {
		t.Errorf("%d allowed, want 6", allowed)
	}
}

// TestFleetWithoutStore: each proxy has its share, no request fails, and all is
// as before when the store is back.
func TestFleetWithoutStore(t *testing.T) {
	for name, r := range map[string]state.Rate{
		"bucket": {Limit: 400, Period: time.Minute, Fleet: true},
		"window": {Algorithm: state.SlidingWindow, Limit: 400, Period: time.Minute, Fleet: true},
	} {
		t.Run(name, func(t *testing.T) {
			proxies, g, _ := fleet(t, 4)
			g.down = true
			allowed := 0
			for _, p := range proxies {
				p.Round(context.Background())
				if u := p.Usage(); u.Up || u.Members != 4 || !strings.Contains(u.Error, "closed") {
					t.Fatalf("usage %+v", u)
				}
				mine := 0
				for range 1000 {
					if p.take(t, r) {
						mine++
					}
				}
				if mine != 100 {
					t.Errorf("%d allowed by one of four, want 100", mine)
				}
				allowed += mine
				p.Round(context.Background())
			}
			g.down = false
			g.forget()
			for range 3 {
				for _, p := range proxies {
					p.Round(context.Background())
				}
			}
			for range 20 {
				for _, p := range proxies {
					if p.take(t, r) {
						allowed++
					}
					p.Round(context.Background())
				}
			}
			if allowed > 404 {
				t.Errorf("%d allowed, want 400: the store was told what passed without it", allowed)
			}
		})
	}
}

// TestFleetGivesBack: units that nobody uses are there for others.
func TestFleetGivesBack(t *testing.T) {
	proxies, g, c := fleet(t, 2)
	r := state.Rate{Limit: 100, Period: time.Hour, Fleet: true}
	for range 30 {
		proxies[0].take(t, r)
	}
	for range 8 {
		proxies[0].Round(context.Background())
		c.advance(500 * time.Millisecond)
	}
	if g.granted-g.back > 1 {
		t.Errorf("%d units granted, %d came back at once: one is kept", g.granted, g.back)
	}
	c.advance(3 * time.Minute)
	proxies[0].Round(context.Background())
	if g.granted == 0 || g.back != g.granted {
		t.Errorf("%d units granted, %d came back", g.granted, g.back)
	}
	asks := g.asks
	proxies[0].Round(context.Background())
	if g.asks != asks {
		t.Error("a key that nobody uses is asked about")
	}
}

// TestFleetLies: an answer that cannot be true is none.
func TestFleetLies(t *testing.T) {
	for name, lie := range map[string]func(*state.Reply){
		"no members":      func(r *state.Reply) { r.Members = 0 },
		"many members":    func(r *state.Reply) { r.Members = 1 << 30 },
		"too few":         func(r *state.Reply) { r.Grants = nil },
		"too many":        func(r *state.Reply) { r.Grants = append(r.Grants, r.Grants...) },
		"more than asked": func(r *state.Reply) { r.Grants[0].Units = 1 << 40 },
		"less than none":  func(r *state.Reply) { r.Grants[0].Units = -1 },
		"more than there": func(r *state.Reply) { r.Grants[0].Left = 1 << 40 },
		"an endless wait": func(r *state.Reply) { r.Grants[0].Retry = 1<<63 - 1 },
		"a past reset":    func(r *state.Reply) { r.Grants[0].Reset = -1 },
		"a long memo":     func(r *state.Reply) { r.Grants[0].Memo = make([]byte, state.MaxMemo+1) },
	} {
		t.Run(name, func(t *testing.T) {
			proxies, g, _ := fleet(t, 2)
			g.lie = lie
			r := state.Rate{Limit: 100, Period: time.Hour, Fleet: true}
			allowed := 0
			for range 300 {
				if proxies[0].take(t, r) {
					allowed++
				}
				proxies[0].Round(context.Background())
			}
			if u := proxies[0].Usage(); u.Up || !strings.Contains(u.Error, "cannot be true") || u.Members != 2 {
				t.Errorf("usage %+v", u)
			}
			if allowed != 50 {
				t.Errorf("%d allowed, want this proxy's share of 50", allowed)
			}
		})
	}
}

// TestFleetDoesNotWait: requests are decided while the store hangs.
func TestFleetDoesNotWait(t *testing.T) {
	proxies, g, c := fleet(t, 2)
	r := state.Rate{Limit: 100, Period: time.Hour, Fleet: true}
	p := proxies[0]
	p.take(t, r)
	hangs, goesOn := make(chan struct{}), make(chan struct{})
	g.delay = func() { close(hangs); <-goesOn }
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan struct{})
	go func() { p.Run(ctx); close(ran) }()
	<-hangs
	c.advance(2 * time.Second)
	allowed := 0
	for range 200 {
		if p.take(t, r) {
			allowed++
		}
	}
	if allowed != 49 {
		t.Errorf("%d allowed, want the rest of this proxy's share of 50", allowed)
	}
	g.delay = nil
	close(goesOn)
	coretest.Eventually(t, "the store is told", func() bool { return p.Usage().Exchanges > 2 })
	cancel()
	<-ran
}

func TestFleetKeysAreBounded(t *testing.T) {
	c := &clock{}
	c.advance(time.Hour)
	s := state.New(state.Options{Now: c.now})
	f := s.UseFleet(state.FleetOptions{Exchanger: newLedger(c.now), Keys: 320})
	n := s.Open("vm", 0)
	defer n.Close()
	r := state.Rate{Limit: 1, Period: time.Hour, Fleet: true}
	for i := range 5000 {
		if d, err := n.Take(fmt.Appendf(nil, "key %d", i), 1, r); err != nil || !d.Allowed {
			t.Fatalf("key %d: %+v, %v", i, d, err)
		}
	}
	if u := f.Usage(); u.Keys > 320 || u.Keys < 200 {
		t.Errorf("%d keys, of at most 320", u.Keys)
	}
	for range 10 {
		f.Round(context.Background())
		c.advance(time.Second)
	}
	c.advance(2 * time.Hour)
	for range 3 {
		f.Round(context.Background())
		c.advance(time.Second)
	}
	s.Sweep()
	if u := f.Usage(); u.Keys != 0 {
		t.Errorf("%d keys are left", u.Keys)
	}
}

func TestFleetOfOneWithoutStore(t *testing.T) {
	n, _, _ := open(t, state.Options{})
	r := state.Rate{Limit: 3, Period: time.Hour, Fleet: true}
	for i := range 5 {
		if d, err := n.Take([]byte("k"), 1, r); err != nil || d.Allowed != (i < 3) {
			t.Fatalf("request %d: %+v, %v", i, d, err)
		}
	}
	r.Period = time.Second - 1
	if _, err := n.Take([]byte("k"), 1, r); err != state.ErrRate {
		t.Errorf("a period of less than a second: %v", err)
	}
}

// TestFleetAsksLessOfASlowStore: one that cannot answer about many keys at once is
// asked about fewer, and all have their turn.
func TestFleetAsksLessOfASlowStore(t *testing.T) {
	c := &clock{}
	c.advance(time.Hour)
	s := state.New(state.Options{Now: c.now})
	g := newLedger(c.now)
	g.most = 300
	f := s.UseFleet(state.FleetOptions{Exchanger: g})
	n := s.Open("vm", 0)
	defer n.Close()
	r := state.Rate{Limit: 100, Period: time.Hour, Fleet: true}
	for i := range 2000 {
		if _, err := n.Take(fmt.Appendf(nil, "key %d", i), 1, r); err != nil {
			t.Fatal(err)
		}
	}
	for range 40 {
		f.Round(context.Background())
	}
	if len(g.levels) != 2000 {
		t.Errorf("it knows of %d keys of 2000", len(g.levels))
	}
}
