package wasm_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/wasm"
)

// What takes time runs by synctest's clock here: its sleeps wait for nothing.

// TestBackoff: the first death costs no time, those that follow do.
func TestBackoff(t *testing.T) {
	e := newEngine(t, wasm.Options{})
	m := load(t, e, wasm.Source{Name: "guest", Code: guest()})
	synctest.Test(t, func(t *testing.T) {
		vm := newVM(t, wasm.VMConfig{Module: m, Lanes: 1,
			Breaker: wasm.BreakerOptions{Failures: 100, Backoff: time.Second, MaxBackoff: 3 * time.Second}})
		for i, want := range []time.Duration{0, time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second} {
			if _, err := run(t, vm, "trap"); err == nil {
				t.Fatal("no trap")
			}
			synctest.Wait()
			died := time.Now()
			for {
				l, err := vm.Acquire()
				if err == nil {
					l.Unlock()
					break
				} else if fault.KindOf(err) != fault.GuestUnavailable {
					t.Fatal(err)
				}
				time.Sleep(10 * time.Millisecond)
			}
			// A quarter more keeps lanes out of step.
			if d := time.Since(died); d < want || d > want+want/4+10*time.Millisecond {
				t.Errorf("death %d: a fresh instance after %v, want about %v", i+1, d, want)
			}
		}
		// An instance that has lived for long is not the next in a row.
		time.Sleep(time.Minute)
		run(t, vm, "trap")
		synctest.Wait()
		if _, err := run(t, vm, "empty"); err != nil {
			t.Error(err)
		}
		vm.Close()
	})
}

// TestQuarantine: failures close the gate, time opens it, and a failure on
// probation closes it for twice as long.
func TestQuarantine(t *testing.T) {
	e := newEngine(t, wasm.Options{})
	m := load(t, e, wasm.Source{Name: "guest", Code: guest()})
	synctest.Test(t, func(t *testing.T) {
		vm := newVM(t, wasm.VMConfig{Module: m, Lanes: 1, Breaker: wasm.BreakerOptions{
			Failures: 3, Window: time.Minute, Quarantine: 10 * time.Second, Backoff: time.Nanosecond}})
		trap := func() {
			t.Helper()
			if _, err := run(t, vm, "trap"); fault.KindOf(err) != fault.GuestTrap {
				t.Fatalf("a trap is %v", err)
			}
			synctest.Wait()
			time.Sleep(time.Millisecond) // the back-off
			synctest.Wait()
		}
		closedFor := func() time.Duration {
			t.Helper()
			from := time.Now()
			for {
				l, err := vm.Acquire()
				if err == nil {
					l.Unlock()
					return time.Since(from).Round(100 * time.Millisecond)
				}
				if fault.KindOf(err) != fault.GuestUnavailable {
					t.Fatal(err)
				}
				time.Sleep(50 * time.Millisecond)
				synctest.Wait()
			}
		}
		trap()
		trap()
		if vm.Quarantined() {
			t.Fatal("in quarantine after two failures of three")
		}
		trap()
		if !vm.Quarantined() {
			t.Fatal("not in quarantine after three failures")
		}
		if d := closedFor(); d != 10*time.Second {
			t.Errorf("the first quarantine lasts %v", d)
		}
		trap()
		if d := closedFor(); d != 20*time.Second {
			t.Errorf("the quarantine after probation lasts %v", d)
		}
		// Probation ends, and old failures with it.
		time.Sleep(2 * time.Minute)
		trap()
		trap()
		if vm.Quarantined() {
			t.Error("old failures count")
		}
		vm.Close()
	})
}

// TestIdle: a guest that has worked is given moments, one that has not is left alone.
func TestIdle(t *testing.T) {
	e := newEngine(t, wasm.Options{})
	m := load(t, e, wasm.Source{Name: "guest", Code: guest()})
	synctest.Test(t, func(t *testing.T) {
		moments := 0
		vm := newVM(t, wasm.VMConfig{Module: m, Lanes: 1, Idle: func(in *wasm.Instance) {
			moments++
			if _, err := in.Call(in.Func("empty")); err != nil {
				t.Error(err)
			}
		}})
		count := func() int {
			vm.Lane(0).Lock()
			defer vm.Lane(0).Unlock()
			n := moments
			moments = 0
			return n
		}
		for range 2 {
			if _, err := run(t, vm, "empty"); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
			if n := count(); n < 1 || n > 10 {
				t.Errorf("%d moments in the minute after a callback", n)
			}
			time.Sleep(time.Minute)
			if n := count(); n != 0 {
				t.Errorf("%d moments in a minute without callbacks", n)
			}
		}
		vm.Close()
	})
}
