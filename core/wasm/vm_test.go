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
