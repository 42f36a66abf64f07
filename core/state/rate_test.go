package state_test

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/state"
)

// step is one Take and what it must answer.
type step struct {
	advance   time.Duration
	cost      int64
	allowed   bool
	remaining int64
	reset     time.Duration
	retry     time.Duration
}

func run(t *testing.T, rate state.Rate, steps []step) {
	t.Helper()
	n, _, clock := open(t, state.Options{})
	for i, st := range steps {
		clock.advance(st.advance)
		got, err := n.Take([]byte("key"), st.cost, rate)
		want := state.Decision{Allowed: st.allowed, Remaining: st.remaining, Reset: st.reset, Retry: st.retry}
		if err != nil || got != want {
			t.Fatalf("step %d: %+v, %v, want %+v", i, got, err, want)
		}
	}
}

func TestTokenBucket(t *testing.T) {
	const ms = time.Millisecond
	run(t, state.Rate{Limit: 10, Period: time.Second, Burst: 3}, []step{
		{0, 0, true, 3, 0, 0},
		{0, 1, true, 2, 100 * ms, 0},
		{0, 2, true, 0, 300 * ms, 0},
		{0, 1, false, 0, 300 * ms, 100 * ms},
		{0, 0, true, 0, 300 * ms, 0},
		{0, 3, false, 0, 300 * ms, 300 * ms},
		{0, 4, false, 0, 300 * ms, state.Never},
		{99 * ms, 1, false, 0, 201 * ms, ms},
		{ms, 1, true, 0, 300 * ms, 0},
		{time.Hour, 1, true, 2, 100 * ms, 0},
	})
}

func TestTokenBucketWithoutBurstTakesLimit(t *testing.T) {
	run(t, state.Rate{Limit: 2, Period: time.Second}, []step{
		{0, 2, true, 0, time.Second, 0},
		{0, 1, false, 0, time.Second, 500 * time.Millisecond},
	})
}

func TestSlidingWindow(t *testing.T) {
	const s = time.Second
	// The clock begins at a full hour, so at a window's begin.
	run(t, state.Rate{Algorithm: state.SlidingWindow, Limit: 10, Period: 10 * s}, []step{
		{0, 0, true, 10, 0, 0},
		{0, 4, true, 6, 20 * s, 0},
		{5 * s, 6, true, 0, 15 * s, 0},
		{0, 1, false, 0, 15 * s, 6 * s},        // all 10 weigh 9 when a tenth of the next window is over
		{0, 11, false, 0, 15 * s, state.Never}, // more than a window ever holds
		{6*s - 1, 1, false, 0, 9*s + 1, 1},
		{1, 1, true, 0, 19 * s, 0},
		{4 * s, 4, true, 0, 15 * s, 0},
		{5 * s, 5, true, 0, 20 * s, 0},
		{25 * s, 10, true, 0, 15 * s, 0},
		{0, 1, false, 0, 15 * s, 6 * s},
	})
}

func TestNothingIsAllowedByZero(t *testing.T) {
	for _, algorithm := range []state.Algorithm{state.TokenBucket, state.SlidingWindow} {
		run(t, state.Rate{Algorithm: algorithm, Limit: 0, Period: time.Second}, []step{{0, 1, false, 0, 0, state.Never}, {0, 0, true, 0, 0, 0}})
	}
}

func TestMalformedRates(t *testing.T) {
	n, _, _ := open(t, state.Options{})
	for name, tc := range map[string]struct {
		cost int64
		rate state.Rate
	}{
		"no period":         {1, state.Rate{Limit: 1}},
		"negative limit":    {1, state.Rate{Limit: -1, Period: 1}},
		"negative burst":    {1, state.Rate{Limit: 1, Burst: -1, Period: 1}},
		"negative cost":     {-1, state.Rate{Limit: 1, Period: 1}},
		"unknown algorithm": {1, state.Rate{Algorithm: 2, Limit: 1, Period: 1}},
		"huge limit":        {1, state.Rate{Limit: 1<<40 + 1, Period: 1}},
		"endless bucket":    {1, state.Rate{Limit: 1, Burst: 1 << 40, Period: time.Hour}},
	} {
		if _, err := n.Take([]byte("k"), tc.cost, tc.rate); !errors.Is(err, state.ErrRate) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := n.Take(make([]byte, state.MaxKey+1), 1, state.Rate{Limit: 1, Period: 1}); !errors.Is(err, state.ErrTooLarge) {
		t.Errorf("a long key: %v", err)
	}
}

// TestTokenBucketIsExact compares with a bucket of exact fractions, at rates
// whose interval is no whole number of nanoseconds.
func TestTokenBucketIsExact(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		rate := state.Rate{Limit: 1 + random.Int64N(1_000_003), Period: time.Duration(1 + random.Int64N(int64(time.Hour)))}
		rate.Burst = 1 + random.Int64N(50)
		n, _, clock := open(t, state.Options{})
		level := new(big.Rat).SetInt64(rate.Burst) // units there
		perNano := new(big.Rat).SetFrac64(rate.Limit, int64(rate.Period))
		full := new(big.Rat).SetInt64(rate.Burst)
		for i := range 200 {
			step := random.Int64N(1 + 3*int64(rate.Period)/rate.Limit)
			clock.advance(time.Duration(step))
			level.Add(level, new(big.Rat).Mul(perNano, new(big.Rat).SetInt64(step)))
			if level.Cmp(full) > 0 {
				level.Set(full)
			}
			cost := 1 + random.Int64N(rate.Burst)
			want := level.Cmp(new(big.Rat).SetInt64(cost)) >= 0
			if want {
				level.Sub(level, new(big.Rat).SetInt64(cost))
			}
			remaining := new(big.Int).Quo(level.Num(), level.Denom()).Int64()
			got, err := n.Take([]byte("k"), cost, rate)
			if err != nil || got.Allowed != want || got.Remaining != remaining {
				t.Fatalf("%+v, step %d: %+v, %v, want allowed %v, remaining %d", rate, i, got, err, want, remaining)
			}
		}
	}
}

// TestRetryIsTheFirstMoment waits exactly as long as it was told, and one
// nanosecond less.
func TestRetryIsTheFirstMoment(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 2000 {
		rate := state.Rate{
			Algorithm: state.Algorithm(i % 2),
			Limit:     1 + random.Int64N(1000),
			Period:    time.Duration(1 + random.Int64N(int64(time.Minute))),
		}
		n, _, clock := open(t, state.Options{})
		var d state.Decision
		cost := int64(0)
		for d.Retry == 0 {
			clock.advance(time.Duration(random.Int64N(1 + int64(rate.Period)/rate.Limit)))
			cost = 1 + random.Int64N(rate.Limit)
			d, _ = n.Take([]byte("k"), cost, rate)
		}
		clock.advance(d.Retry - 1)
		if early, _ := n.Take([]byte("k"), cost, rate); early.Allowed || early.Retry != 1 {
			t.Fatalf("%+v: allowed before the wait of %v was over: %+v", rate, d.Retry, early)
		}
		clock.advance(1)
		if due, _ := n.Take([]byte("k"), cost, rate); !due.Allowed {
			t.Fatalf("%+v: not allowed after the wait of %v: %+v", rate, d.Retry, due)
		}
	}
}

func TestChangedRateGoesOnCounting(t *testing.T) {
	for _, algorithm := range []state.Algorithm{state.TokenBucket, state.SlidingWindow} {
		n, _, _ := open(t, state.Options{})
		take := func(limit int64, period time.Duration) state.Decision {
			d, err := n.Take([]byte("k"), 1, state.Rate{Algorithm: algorithm, Limit: limit, Period: period})
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		for range 100 {
			take(100, time.Hour)
		}
		if take(50, time.Hour).Allowed {
			t.Errorf("algorithm %d: a lower limit begins anew", algorithm)
		}
		if take(50, time.Minute).Allowed {
			t.Errorf("algorithm %d: a shorter period begins anew", algorithm)
		}
	}
}

func TestKeysWithoutRoomShareCounters(t *testing.T) {
	for _, algorithm := range []state.Algorithm{state.TokenBucket, state.SlidingWindow} {
		n, s, clock := open(t, state.Options{RateKeys: 320})
		rate := state.Rate{Algorithm: algorithm, Limit: 2, Period: time.Second}
		crowded, allowed := 0, 0
		for round := range 4 {
			for i := range 5000 {
				d, err := n.Take(fmt.Appendf(nil, "key %d", i), 1, rate)
				if err != nil {
					t.Fatal(err)
				}
				if d.Crowded {
					crowded++
				}
				if d.Allowed {
					allowed++
				}
				if i == 0 && d.Allowed != (round < 2) {
					t.Fatalf("round %d: the first key, which has its own counter: %+v", round, d)
				}
			}
		}
		if keys := n.RateKeys(); keys > 320 || keys < 200 {
			t.Errorf("%d keys have their own counter, of at most 320", keys)
		}
		if crowded == 0 || allowed < 640*2/3 || allowed > 2*(320+256) {
			t.Errorf("%d answers from shared counters, %d allowed", crowded, allowed)
		}
		if u := s.Usage(); len(u) != 1 || u[0].Name != "vm" || u[0].Crowded != uint64(crowded) || u[0].RateKeys != n.RateKeys() {
			t.Errorf("usage %+v", u)
		}
		clock.advance(3 * time.Second)
		s.Sweep()
		if keys := n.RateKeys(); keys != 0 {
			t.Errorf("%d keys left after all expired", keys)
		}
		if d, _ := n.Take([]byte("late"), 1, rate); !d.Allowed || d.Crowded {
			t.Errorf("with room again: %+v", d)
		}
	}
}

// TestLeavingTheCrowdGrantsNothing lets a key move from a shared counter to
// one of its own within a period.
func TestLeavingTheCrowdGrantsNothing(t *testing.T) {
	n, s, clock := open(t, state.Options{RateKeys: 1}) // one a shard
	for i := range 2000 {
		n.Take(fmt.Appendf(nil, "short %d", i), 1, state.Rate{Limit: 1, Period: time.Second})
	}
	rate := state.Rate{Limit: 5, Period: time.Hour}
	taken := 0
	for range 10 {
		if d, _ := n.Take([]byte("mover"), 1, rate); d.Allowed {
			if !d.Crowded {
				t.Fatal("there is room")
			}
			taken++
		}
	}
	clock.advance(2 * time.Second)
	s.Sweep()
	for range 10 {
		d, _ := n.Take([]byte("mover"), 1, rate)
		if d.Crowded {
			t.Fatal("there is no room")
		}
		if d.Allowed {
			taken++
		}
	}
	if taken != 5 {
		t.Errorf("%d allowed, want 5", taken)
	}
}

func TestManyRatesWithoutRoomAreRefused(t *testing.T) {
	n, _, _ := open(t, state.Options{RateKeys: 1})
	for i := range 200_000 {
		d, err := n.Take(fmt.Appendf(nil, "%d", i), 1, state.Rate{Limit: int64(1 + i), Period: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if !d.Allowed && d.Crowded {
			if d.Retry <= 0 {
				t.Fatalf("refused without a time: %+v", d)
			}
			return
		}
	}
	t.Fatal("shared counters have no bound")
}
