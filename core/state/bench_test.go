package state_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/state"
)

func BenchmarkGet(b *testing.B) {
	n := state.New(state.Options{}).Open("vm", 0)
	key := []byte("client/192.0.2.17")
	n.Set(key, make([]byte, 64), 0, time.Hour)
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		var buf [64]byte
		for p.Next() {
			n.Get(buf[:0], key)
		}
	})
}

func BenchmarkIncrement(b *testing.B) {
	n := state.New(state.Options{}).Open("vm", 0)
	key := []byte("client/192.0.2.17")
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			n.Increment(key, 1, time.Hour)
		}
	})
}

func BenchmarkTake(b *testing.B) {
	for _, algorithm := range []state.Algorithm{state.TokenBucket, state.SlidingWindow} {
		for _, clients := range []int{1, 50_000} {
			b.Run(fmt.Sprintf("algorithm=%d/keys=%d", algorithm, clients), func(b *testing.B) {
				n := state.New(state.Options{}).Open("vm", 0)
				keys := make([][]byte, clients)
				for i := range keys {
					keys[i] = fmt.Appendf(nil, "client/192.0.%d.%d", i/256, i%256)
				}
				rate := state.Rate{Algorithm: algorithm, Limit: 100, Period: time.Second}
				b.ReportAllocs()
				b.RunParallel(func(p *testing.PB) {
					for i := 0; p.Next(); i++ {
						n.Take(keys[i%clients], 1, rate)
					}
				})
			})
		}
	}
}
