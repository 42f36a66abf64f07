package wasm_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/wasm"
)

func TestNewVMFails(t *testing.T) {
	e := newEngine(t, wasm.Options{})
	m := load(t, e, wasm.Source{Name: "guest", Code: guest()})
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		name   string
		ctx    context.Context
		config wasm.VMConfig
		text   string
	}{
		{"no module", context.Background(), wasm.VMConfig{}, "no module"},
		{"canceled", canceled, wasm.VMConfig{Module: m}, "canceled"},
		{"bad environment", context.Background(), wasm.VMConfig{Module: m, Env: map[string]string{"A=B": ""}}, `"A=B"`},
		{"refused start", context.Background(), wasm.VMConfig{Module: m, Start: func(*wasm.Instance) error { return errors.New("says no") }}, "says no"},
		{"trap in start", context.Background(), wasm.VMConfig{Module: m, Start: func(in *wasm.Instance) error {
			_, err := in.Call(in.Func("trap"))
			return err
		}}, "unreachable"},
		{"trap in start, ignored", context.Background(), wasm.VMConfig{Module: m, Start: func(in *wasm.Instance) error {
			in.Call(in.Func("trap"))
			return nil
		}}, "unreachable"},
		{"endless start", context.Background(), wasm.VMConfig{Module: m, Start: func(in *wasm.Instance) error {
			_, err := in.Call(in.Func("spin"))
			return err
		}}, "fuel"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.config.Name = "x"
			c.config.Lost = func(*wasm.Instance, error) { t.Error("Lost is told of an instance that never was") }
			vm, err := wasm.NewVM(c.ctx, c.config)
			if err == nil {
				vm.Close()
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), c.text) || !strings.Contains(err.Error(), `"x"`) {
				t.Errorf("got %v, want %q and the VM's name in it", err, c.text)
			}
		})
	}
}

// TestStartMayTakeLonger: start-up has a budget of its own.
func TestStartMayTakeLonger(t *testing.T) {
	guestVM(t, wasm.Limits{Budget: time.Millisecond}, wasm.VMConfig{Start: func(in *wasm.Instance) error {
		_, err := in.Call(in.Func("spin_for"), 20_000_000)
		return err
	}})
}

// TestLanesOnDemand: a VM that is busy grows to its lanes, and no further.
func TestLanesOnDemand(t *testing.T) {
	vm := guestVM(t, wasm.Limits{}, wasm.VMConfig{Lanes: 3})
	if n := vm.Lanes(); n != 1 {
		t.Fatalf("a fresh VM has %d lanes", n)
	}
	for held := 0; vm.Lanes() < 3; {
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				l, err := vm.Acquire()
				if err != nil {
					t.Error(err)
					return
				}
				runtime.Gosched()
				l.Unlock()
			})
		}
		wg.Wait()
		if held++; held > 1e6 {
			t.Fatal("a busy VM does not grow")
		}
	}
	var held []*wasm.Lane
	for range 3 {
		l, err := vm.Acquire()
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, l)
	}
	for i, l := range held {
		if l.Instance().Lane() != l || l.VM() != vm {
			t.Errorf("lane %d: an instance on the wrong lane", i)
		}
		l.Unlock()
	}
	if n := len(vm.Stats()); n != 3 {
		t.Errorf("%d lanes of 3", n)
	}
}

// TestHammer: many streams on few lanes, with instances dying under them.
func TestHammer(t *testing.T) {
	var lost, ended atomic.Int64
	running := map[*wasm.Lane]*atomic.Int32{}
	vm := guestVM(t, wasm.Limits{}, wasm.VMConfig{
		Lanes: 4,
		Lost:  func(*wasm.Instance, error) { lost.Add(1) },
		Start: func(in *wasm.Instance) error {
			in.User = &callbacks{count: in.Func("count"), trap: in.Func("trap"), alloc: in.Func("add")}
			return nil
		},
		Breaker: wasm.BreakerOptions{Failures: 1 << 30, Backoff: time.Nanosecond, MaxBackoff: time.Microsecond},
	})
	for i := range 4 {
		running[vm.Lane(i)] = new(atomic.Int32)
	}
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for range 200 {
				l, err := vm.Acquire()
				if fault.KindOf(err) == fault.GuestUnavailable {
					continue // all lanes wait for their next attempt
				} else if err != nil {
					t.Error(err)
					return
				}
				if running[l].Add(1) != 1 {
					t.Error("two callbacks on one lane")
				}
				in := l.Instance()
				c := in.User.(*callbacks)
				c.n++
				if got, err := in.Call(c.count); err != nil || int(got) != c.n {
					t.Errorf("callback %d of an instance sees %d, %v", c.n, got, err)
				}
				if rand.N(100) == 0 {
					if _, err := in.Call(c.trap); fault.KindOf(err) != fault.GuestTrap {
						t.Errorf("a trap is %v", err)
					}
					ended.Add(1)
				}
				running[l].Add(-1)
				l.Unlock()
			}
		})
	}
	wg.Wait()
	if lost.Load() != ended.Load() || ended.Load() == 0 {
		t.Errorf("%d instances ended, Lost was told of %d", ended.Load(), lost.Load())
	}
	vm.Close()
	if _, err := vm.Acquire(); fault.KindOf(err) != fault.GuestUnavailable {
		t.Errorf("a closed VM answers %v", err)
	}
}

// callbacks is a test's ABI state of an instance.
type callbacks struct {
	count, trap, alloc *wasm.Function
	n                  int
}

// TestNothingLeaks: after Close, and after deaths, neither goroutines nor
// memory mappings are left.
func TestNothingLeaks(t *testing.T) {
	e := newEngine(t, wasm.Options{})
	m := load(t, e, wasm.Source{Name: "guest", Code: guest()})
	round := func() {
		vm := newVM(t, wasm.VMConfig{Module: m, Lanes: 2, Idle: func(*wasm.Instance) {},
			Breaker: wasm.BreakerOptions{Failures: 10, Backoff: time.Hour, MaxBackoff: time.Hour}})
		for range 2 {
			run(t, vm, "trap")
			l := vm.Lane(0)
			l.Lock() // until a fresh instance is there
			_ = l.Instance()
			l.Unlock()
		}
		vm.Close()
		broken, err := wasm.NewVM(context.Background(), wasm.VMConfig{Name: "broken", Module: m,
			Start: func(*wasm.Instance) error { return errors.New("no") }})
		if err == nil {
			broken.Close()
			t.Fatal("no error")
		}
	}
	round()
	goroutines, mapped := runtime.NumGoroutine(), virtualKiB(t)
	for range 20 {
		round()
	}
	// One that has said it is done may still be on its way out.
	for by := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > goroutines && time.Now().Before(by); {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines, %d before", n, goroutines)
	}
	// Each of the 60 instances had 32 MiB of address space.
	if n := virtualKiB(t); n > mapped+5*32<<10 {
		t.Errorf("%d KiB mapped, %d before", n, mapped)
	}
}

// virtualKiB is the process's address space in use.
func virtualKiB(t *testing.T) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/status")
	if errors.Is(err, os.ErrNotExist) {
		return 0 // only Linux tells so easily
	} else if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "VmSize:")
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

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

// TestCloseDrains: Close waits for the callback that runs.
func TestCloseDrains(t *testing.T) {
	vm := guestVM(t, wasm.Limits{}, wasm.VMConfig{Lanes: 1})
	l, err := vm.Acquire()
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	go func() {
		vm.Close()
		close(closed)
	}()
	for range 1000 {
		runtime.Gosched()
	}
	select {
	case <-closed:
		t.Fatal("closed under a locked lane")
	default:
	}
	in := l.Instance()
	empty := in.Func("empty")
	if _, err := in.Call(empty); err != nil {
		t.Error(err)
	}
	l.Unlock()
	<-closed
	if _, err := in.Call(empty); fault.KindOf(err) != fault.GuestUnavailable {
		t.Errorf("a closed instance answers %v", err)
	}
	l.Lock()
	if l.Instance() != nil {
		t.Error("an instance lives on a closed lane")
	}
	l.Unlock()
}
