package lb

import (
	"testing"
	"time"
)

// TestLatency follows a gauge over time.
func TestLatency(t *testing.T) {
	g := new(Gauge)
	at := func(now uint32) time.Duration { // that of a first request
		return time.Duration(g.cost(now)) * time.Microsecond
	}
	near := func(got, want time.Duration) bool { return got > want*95/100 && got < want*105/100 }
	if at(0) != 0 {
		t.Error("who has not been asked is not worth asking")
	}
	g.Begin()
	if at(0) != unknown {
		t.Errorf("with one request and no answer: %v, want %v", at(0), unknown)
	}
	g.End()
	g.took(10*time.Millisecond, 1000)
	if got := at(1000); !near(got, 10*time.Millisecond) {
		t.Errorf("the first answer counts as %v, want 10ms", got)
	}
	g.took(100*time.Millisecond, 1000)
	if got := at(1000); !near(got, 100*time.Millisecond) {
		t.Errorf("a slow answer counts as %v at once, want 100ms", got)
	}
	g.took(10*time.Millisecond, 1000)
	if got := at(1000); !near(got, 100*time.Millisecond) {
		t.Errorf("a quick answer right behind it leaves %v, want 100ms", got)
	}
	g.took(10*time.Millisecond, 11_000)
	if got := at(11_000); !near(got, 43*time.Millisecond) {
		t.Errorf("a quick answer 10 s later leaves %v, want 43ms", got)
	}
	if got := at(31_000); !near(got, 5800*time.Microsecond) {
		t.Errorf("after 20 s of nothing it counts as %v, want 5.8ms", got)
	}
	if got := at(10_000); !near(got, 43*time.Millisecond) {
		t.Errorf("by a clock that is behind it counts as %v, want 43ms", got)
	}
	g.Begin()
	g.Begin()
	if got := at(11_000); !near(got, 3*43*time.Millisecond) {
		t.Errorf("with two requests under way: %v, want three times 43ms", got)
	}
}

func TestPeakEWMAPrefersTheQuick(t *testing.T) {
	targets := []Target{{Addr: "slow:1", Gauge: new(Gauge)}, {Addr: "quick:1", Gauge: new(Gauge)}}
	targets[0].Took(50 * time.Millisecond)
	targets[1].Took(5 * time.Millisecond)
	p := PeakEWMA{}.Over(targets)
	for range 100 {
		if p.Pick(0, -1) != 1 {
			t.Fatal("the slow one was picked")
		}
	}
	targets[1].Took(Failed)
	for range 100 {
		if p.Pick(0, -1) != 0 {
			t.Fatal("the one that fails was picked")
		}
	}
	for range 30 {
		targets[0].Begin()
	}
	for range 100 {
		if p.Pick(0, -1) != 1 {
			t.Fatal("30 requests of 50 ms each were preferred to one of a second")
		}
	}
}
