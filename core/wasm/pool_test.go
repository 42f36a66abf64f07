package wasm_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/wasm"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

func newPool(t testing.TB, c wasm.VMConfig, o wasm.PoolOptions) *wasm.Pool {
	t.Helper()
	c.Name = "test"
	if c.Start == nil {
		c.Start = withAlloc
	}
	p, err := wasm.NewPool(context.Background(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func take(t testing.TB, p *wasm.Pool) *wasm.Lane {
	t.Helper()
	l, err := p.Take()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// kill ends a lane's instance.
func kill(t testing.TB, l *wasm.Lane) {
	t.Helper()
	l.Lock()
	defer l.Unlock()
	if _, err := l.Instance().Call(l.Instance().Func("trap")); fault.KindOf(err) != fault.GuestTrap {
		t.Errorf("a trap is %v", err)
	}
}

// alive is how many instances live.
func alive(p *wasm.Pool) (n int) {
	for _, l := range p.VM().Stats() {
		if l.State == "live" {
			n++
		}
	}
	return n
}

// inTime runs a test with a module by synctest's clock.
func inTime(t *testing.T, test func(t *testing.T, m *wasm.Module)) {
	m := load(t, newEngine(t, wasm.Options{}), wasm.Source{Name: "guest", Code: guest()})
	synctest.Test(t, func(t *testing.T) { test(t, m) })
}

func TestPoolGrowsAndIsBounded(t *testing.T) {
	inTime(t, func(t *testing.T, m *wasm.Module) {
		p := newPool(t, wasm.VMConfig{Module: m, Lanes: 3}, wasm.PoolOptions{})
		if n := alive(p); n != 1 {
			t.Errorf("a fresh pool has %d instances", n)
		}
		a, b, c := take(t, p), take(t, p), take(t, p)
		if a == b || b == c || a == c {
			t.Error("a lane was given out twice")
		}
		if _, err := p.Take(); !errors.Is(err, wasm.ErrExhausted) || fault.KindOf(err) != fault.GuestUnavailable {
			t.Errorf("a fourth of three: %v", err)
		}
		p.Give(a)
		p.Give(c)
		if got := take(t, p); got != c {
			t.Error("not the one that was given back last")
		}
		if got := take(t, p); got != a {
			t.Error("not the one that is left")
		}
	})
}

func TestPoolWaits(t *testing.T) {
	inTime(t, func(t *testing.T, m *wasm.Module) {
		p := newPool(t, wasm.VMConfig{Module: m, Lanes: 1}, wasm.PoolOptions{Wait: time.Second})
		l := take(t, p)
		begun := time.Now()
		if _, err := p.Take(); !errors.Is(err, wasm.ErrExhausted) || time.Since(begun) != time.Second {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
		var order []int
		var mu sync.Mutex
		var all sync.WaitGroup
		for n := range 3 {
			all.Go(func() {
				l := take(t, p)
				mu.Lock()
				order = append(order, n)
				mu.Unlock()
				time.Sleep(100 * time.Millisecond)
				p.Give(l)
			})
			synctest.Wait() // in line
		}
		p.Give(l)
		all.Wait()
		if len(order) != 3 || order[0] != 0 || order[1] != 1 || order[2] != 2 {
			t.Errorf("served in the order %v", order)
		}
	})
}

func TestPoolLetsIdleOnesGo(t *testing.T) {
	inTime(t, func(t *testing.T, m *wasm.Module) {
		p := newPool(t, wasm.VMConfig{Module: m, Lanes: 4}, wasm.PoolOptions{Idle: time.Minute})
		lanes := []*wasm.Lane{take(t, p), take(t, p), take(t, p), take(t, p)}
		for _, l := range lanes {
			p.Give(l)
		}
		for range 50 { // one of them is in use now and then
			time.Sleep(time.Second)
			p.Give(take(t, p))
		}
		if n := alive(p); n != 4 {
			t.Errorf("%d of 4 live before their time", n)
		}
		for range 100 {
			time.Sleep(time.Second)
			p.Give(take(t, p))
		}
		if n := alive(p); n != 1 {
			t.Errorf("%d live, one is needed", n)
		}
		time.Sleep(time.Hour)
		if n := alive(p); n != 1 {
			t.Errorf("%d live: the last stays", n)
		}
		for range 4 { // and they come back
			l := take(t, p)
			l.Lock()
			if l.Instance() == nil {
				t.Error("a lane without an instance")
			}
			l.Unlock()
		}
	})
}

func TestPoolReplacesTheDead(t *testing.T) {
	inTime(t, func(t *testing.T, m *wasm.Module) {
		p := newPool(t, wasm.VMConfig{Module: m, Lanes: 2, Breaker: wasm.BreakerOptions{
			Failures: 6, Backoff: time.Second, MaxBackoff: time.Second, Quarantine: time.Minute}}, wasm.PoolOptions{})
		l := take(t, p)
		kill(t, l)
		p.Give(l)
		if take(t, p) != l { // which waits for the fresh instance
			t.Error("another lane, though one is on its way")
		}
		kill(t, l) // the second in a row: its next attempt comes later
		p.Give(l)
		synctest.Wait()
		other := take(t, p)
		if other == l {
			t.Fatal("a lane without an instance")
		}
		if _, err := p.Take(); fault.KindOf(err) != fault.GuestUnavailable || errors.Is(err, wasm.ErrExhausted) {
			t.Errorf("with one taken and one down: %v", err)
		}
		time.Sleep(2 * time.Second)
		if take(t, p) != l {
			t.Error("the lane did not come back")
		}
		for range 4 {
			kill(t, l)
			time.Sleep(2 * time.Second)
			synctest.Wait()
		}
		p.Give(l)
		if _, err := p.Take(); fault.KindOf(err) != fault.GuestUnavailable || !p.VM().Quarantined() {
			t.Errorf("in quarantine: %v", err)
		}
		time.Sleep(2 * time.Minute)
		if got := take(t, p); got != l {
			t.Errorf("after it: lane %d", got.Index())
		}
		p.Give(other)
	})
}

func TestPoolWhoseFurtherInstancesFail(t *testing.T) {
	inTime(t, func(t *testing.T, m *wasm.Module) {
		fail := false
		p := newPool(t, wasm.VMConfig{Module: m, Lanes: 2, Start: func(*wasm.Instance) error {
			if fail {
				return errors.New("says no")
			}
			return nil
		}}, wasm.PoolOptions{Wait: time.Hour})
		take(t, p)
		fail = true
		for range 3 {
			if _, err := p.Take(); err == nil || errors.Is(err, wasm.ErrExhausted) {
				t.Errorf("a start that fails: %v", err)
			}
		}
		fail = false
		take(t, p)
	})
}

// TestAwait: the lane is free for those who look while a callback waits, and a
// callback may compute anew after it.
func TestAwait(t *testing.T) {
	waiting, release := make(chan bool), make(chan bool)
	mod := New()
	wait := mod.Import("env", "wait", "")
	charge := mod.Import("env", "charge", "I")
	mod.Memory(1, 0)
	spend := Seq(I64(int64(8*time.Millisecond)), Call(charge))
	mod.Func("patient", ":i", spend, Call(wait), spend, I32(7))
	mod.Func("spender", "", spend, spend)
	m := load(t, newEngine(t, wasm.Options{}), wasm.Source{Name: "waiter", Code: mod.Bytes(), Limits: wasm.Limits{Budget: 10 * time.Millisecond},
		Resolve: func(_, name string, _, _ []api.ValueType) (wasm.Func, error) {
			if name == "charge" {
				return func(in *wasm.Instance, a []uint64) { in.Charge(int64(a[0])) }, nil
			}
			return func(in *wasm.Instance, _ []uint64) {
				in.Await(func() {
					waiting <- true
					<-release
				})
			}, nil
		}})
	p := newPool(t, wasm.VMConfig{Module: m, Lanes: 1, Start: func(*wasm.Instance) error { return nil }}, wasm.PoolOptions{})
	l := take(t, p)
	done := make(chan error, 1)
	go func() {
		l.Lock()
		defer l.Unlock()
		in := l.Instance()
		v, err := in.Call(in.Func("patient"))
		if v != 7 {
			t.Errorf("it answers %d", v)
		}
		done <- err
	}()
	<-waiting
	if s := p.VM().Stats(); len(s) != 1 || s[0].State != "live" { // does not block
		t.Errorf("%+v", s)
	}
	release <- true
	if err := <-done; err != nil {
		t.Error(err)
	}
	l.Lock()
	if _, err := l.Instance().Call(l.Instance().Func("spender")); fault.KindOf(err) != fault.GuestBudget {
		t.Errorf("without a wait: %v", err)
	}
	l.Unlock()
	p.Give(l)
}

// TestPoolHammer: many takers, few lanes, instances dying and idle ones going.
func TestPoolHammer(t *testing.T) {
	m := load(t, newEngine(t, wasm.Options{}), wasm.Source{Name: "guest", Code: guest()})
	p := newPool(t, wasm.VMConfig{Module: m, Lanes: 4, Breaker: wasm.BreakerOptions{Failures: 1 << 30, Backoff: time.Nanosecond, MaxBackoff: time.Microsecond}},
		wasm.PoolOptions{Wait: time.Minute, Idle: time.Millisecond})
	taken := make([]sync.Mutex, 4)
	var all sync.WaitGroup
	for n := range 32 {
		all.Go(func() {
			for k := range 200 {
				l, err := p.Take()
				if fault.KindOf(err) == fault.GuestUnavailable && !errors.Is(err, wasm.ErrExhausted) {
					continue // its lanes wait for their next attempt
				} else if err != nil {
					t.Error(err)
					return
				}
				if !taken[l.Index()].TryLock() {
					t.Error("two takers of one lane")
				}
				if k%50 == n {
					kill(t, l)
				} else {
					l.Lock()
					if _, err := l.Instance().Call(l.Instance().Func("empty")); err != nil {
						t.Error(err)
					}
					l.Unlock()
				}
				taken[l.Index()].Unlock()
				p.Give(l)
			}
		})
	}
	all.Wait()
	p.Close()
	if _, err := p.Take(); fault.KindOf(err) != fault.GuestUnavailable {
		t.Errorf("a closed pool answers %v", err)
	}
}
