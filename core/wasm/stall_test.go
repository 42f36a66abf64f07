package wasm_test

import (
	"io"
	"net"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/wasm"
)

// BenchmarkStall has guests burn nearly their whole budget again and again on
// every processor, and tells how long another stream is held up, which passes a
// token between two ends of a connection: with the collector running all the
// time. One iteration is a pass there and back.
func BenchmarkStall(b *testing.B) {
	for _, c := range []struct {
		name    string
		burners int
		collect bool
	}{
		{"quiet", 0, false},
		{"one", 1, false},
		{"all", runtime.GOMAXPROCS(0), false},
		{"all+collector", runtime.GOMAXPROCS(0), true},
	} {
		b.Run(c.name, func(b *testing.B) {
			var stop atomic.Bool
			var burners sync.WaitGroup
			for range c.burners {
				vm := guestVM(b, wasm.Limits{}, wasm.VMConfig{Lanes: 1})
				burners.Go(func() { burn(b, vm, &stop) })
			}
			if c.collect {
				burners.Go(func() {
					for !stop.Load() {
						runtime.GC()
					}
				})
			}
			there, back := connection(b)
			go func() {
				_, _ = io.Copy(back, back) // ends when there is closed
				_ = back.Close()
			}()
			token := []byte{1}
			var stalls []time.Duration
			for b.Loop() {
				from := time.Now()
				if _, err := there.Write(token); err != nil {
					b.Fatal(err)
				}
				if _, err := io.ReadFull(there, token); err != nil {
					b.Fatal(err)
				}
				stalls = append(stalls, time.Since(from))
			}
			stop.Store(true)
			burners.Wait()
			_ = there.Close()
			slices.Sort(stalls)
			b.ReportMetric(float64(stalls[len(stalls)-1].Microseconds())/1000, "longest-ms")
			b.ReportMetric(float64(stalls[len(stalls)*999/1000].Microseconds())/1000, "p99.9-ms")
		})
	}
}

// connection is both ends of one on the loopback interface.
func connection(b *testing.B) (there, back net.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	if there, err = net.Dial("tcp", l.Addr().String()); err != nil {
		b.Fatal(err)
	}
	if back, err = l.Accept(); err != nil {
		b.Fatal(err)
	}
	return there, back
}

// burn runs callbacks of some 9 ms of fuel until it is told to stop.
func burn(b *testing.B, vm *wasm.VM, stop *atomic.Bool) {
	for !stop.Load() {
		l, err := vm.Acquire()
		if err != nil {
			b.Error(err)
			return
		}
		if _, err := l.Instance().Call(l.Instance().Func("spin_for"), 4_000_000); err != nil {
			b.Error(err)
			l.Unlock()
			return
		}
		l.Unlock()
	}
}
