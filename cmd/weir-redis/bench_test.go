package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/state"
)

// BenchmarkTake decides requests of one key and of many, by limits of this proxy and
// by limits of a fleet that a real Redis keeps, which is asked meanwhile.
func BenchmarkTake(b *testing.B) {
	s := startRedis(b)
	for _, clients := range []int{1, 50_000} {
		keys := make([][]byte, clients)
		for i := range keys {
			keys[i] = fmt.Appendf(nil, "client/192.0.%d.%d", i/256, i%256)
		}
		for _, scope := range []string{"local", "fleet"} {
			b.Run(fmt.Sprintf("scope=%s/keys=%d", scope, clients), func(b *testing.B) {
				store := state.New(state.Options{})
				rate := state.Rate{Limit: 1_000_000_000, Period: time.Minute}
				var f *state.Fleet
				if scope == "fleet" {
					rate.Fleet = true
					f = store.UseFleet(state.FleetOptions{Exchanger: s.ledger()})
					ctx, stop := context.WithCancel(b.Context())
					done := make(chan struct{})
					go func() { f.Run(ctx); close(done) }()
					defer func() { stop(); <-done }()
				}
				n := store.Open("vm", 0)
				defer n.Close()
				var denied, lanes atomic.Int64
				b.ReportAllocs()
				b.ResetTimer()
				b.RunParallel(func(p *testing.PB) {
					for i := int(lanes.Add(1)) * 7919; p.Next(); i++ {
						if d, _ := n.Take(keys[i%clients], 1, rate); !d.Allowed {
							denied.Add(1)
						}
					}
				})
				b.StopTimer()
				b.ReportMetric(100*float64(denied.Load())/float64(b.N), "denied-%")
				if f != nil {
					u := f.Usage()
					b.ReportMetric(float64(u.Exchanges)/b.Elapsed().Seconds(), "exchanges/s")
					if u.Failures > 0 {
						b.Logf("%d of %d exchanges failed: %s", u.Failures, u.Exchanges, u.Error)
					}
				}
			})
		}
	}
}

// BenchmarkExchange asks a real Redis about so many limits at once.
func BenchmarkExchange(b *testing.B) {
	s := startRedis(b)
	for _, n := range []int{1, 100, state.MaxAsks} {
		b.Run(fmt.Sprintf("asks=%d", n), func(b *testing.B) {
			l := s.ledger()
			report := state.Report{Member: "a", Counts: time.Minute, Asks: make([]state.Ask, n)}
			for i := range report.Asks {
				report.Asks[i] = ask(byte(i), 1, 1)
				report.Asks[i].Key[1] = byte(i >> 8)
			}
			for b.Loop() {
				r, err := l.Exchange(b.Context(), report)
				if err != nil {
					b.Fatal(err)
				}
				for i := range r.Grants {
					report.Asks[i].Memo = r.Grants[i].Memo
				}
			}
			keys := s.keys()
			if n == state.MaxAsks {
				c := s.client()
				defer c.Close()
				b.ReportMetric(float64(c.MemoryUsage(b.Context(), keys[len(keys)/2]).Val()), "B/key")
			}
		})
	}
}
