//go:build !race

package circuit_test

import (
	"testing"
	"time"

	"github.com/weirproxy/weir/core/circuit"
)

func TestHotCallsDoNotAllocate(t *testing.T) {
	s, p := newSet(), policy()
	p.Percent, p.Minimum, p.Window = 50, 10, time.Second
	key, now := []byte("breaker\x00orders"), int64(time.Hour)
	if n := testing.AllocsPerRun(100, func() {
		now += 1000
		d, _ := s.Enter(key, &p, now)
		d.Permit.End(circuit.Good, &p, now)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkEnterAndEnd(b *testing.B) {
	s, p := newSet(), policy()
	p.Percent, p.Minimum, p.Window = 50, 10, time.Second
	key, now := []byte("breaker\x00orders"), int64(time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		now += 1000
		d, _ := s.Enter(key, &p, now)
		d.Permit.End(circuit.Good, &p, now)
	}
}
