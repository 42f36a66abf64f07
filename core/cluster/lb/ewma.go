package lb

import (
	"math"
	"time"
)

// PeakEWMA takes the endpoint of two random ones that is likely to answer sooner:
// by how long it took of late, times the requests that it has under way. A slow
// answer counts at once and is forgotten slowly (Finagle's "peak EWMA").
type PeakEWMA struct{}

// Over implements Policy.
func (PeakEWMA) Over(targets []Target) Picker { return &quicker{targets, sharesOf(targets)} }

// Timed says that the policy goes by what Gauge.Took was told.
func (PeakEWMA) Timed() bool { return true }

type quicker struct {
	targets []Target
	shares  shares
}

// Pick implements Picker.
func (p *quicker) Pick(_ uint64, avoid int) int {
	i, j := p.shares.pair(avoid)
	if i == j {
		return i
	}
	now := clock()
	if p.targets[i].cost(now) <= p.targets[j].cost(now) {
		return i
	}
	return j
}

const (
	// forget is the time in which a latency fades to 37 %.
	forget = 10 * time.Second
	// unknown is what an endpoint is taken for that has requests and has not
	// answered any: it gets one, and others when that has shown what it can do.
	unknown = time.Second
	// Failed is what a request that failed is said to have taken, at least: who
	// fails soonest must not look best.
	Failed = time.Second
)

// A gauge's latency is one word, so that it changes at once: the upper half are
// microseconds as a float32, the lower half when that was, in milliseconds.

func pack(micros float32, now uint32) uint64 {
	return uint64(math.Float32bits(micros))<<32 | uint64(now)
}

func unpack(v uint64) (micros float32, at uint32) {
	return math.Float32frombits(uint32(v >> 32)), uint32(v)
}

var began = time.Now()

// clock is in milliseconds, and begins anew every 49 days.
func clock() uint32 { return uint32(time.Since(began).Milliseconds()) }

// Took notes how long an answer took.
func (g *Gauge) Took(d time.Duration) { g.took(d, clock()) }

func (g *Gauge) took(d time.Duration, now uint32) {
	micros := max(float32(d)/float32(time.Microsecond), 1)
	for {
		was := g.latency.Load()
		next := micros
		if last, at := unpack(was); last > micros {
			fade := faded(at, now)
			next = max(last*fade+micros*(1-fade), micros)
		}
		if g.latency.CompareAndSwap(was, pack(next, now)) {
			return
		}
	}
}

// faded is how much of what was measured then still counts.
func faded(then, now uint32) float32 {
	past := max(int32(now-then), 0) // another processor's clock may be ahead
	return float32(math.Exp(-float64(past) / float64(forget.Milliseconds())))
}

// cost is how long a request more would take, in microseconds.
func (g *Gauge) cost(now uint32) float32 {
	micros, at := unpack(g.latency.Load())
	active := float32(g.Active())
	if micros == 0 && active > 0 {
		return float32(unknown.Microseconds()) * active
	}
	return micros * faded(at, now) * (active + 1)
}

// Latency is what an answer takes of late, fading with time; 0 if nothing is known.
func (g *Gauge) Latency() time.Duration {
	micros, at := unpack(g.latency.Load())
	return time.Duration(micros*faded(at, clock())) * time.Microsecond
}
