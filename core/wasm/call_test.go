package wasm_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/wasm"
)

// run is one callback of export on a lane of vm, once one has an instance.
func run(t testing.TB, vm *wasm.VM, export string, args ...uint64) (uint64, error) {
	t.Helper()
	l, err := vm.Acquire()
	for fault.KindOf(err) == fault.GuestUnavailable {
		runtime.Gosched()
		l, err = vm.Acquire()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer l.Unlock()
	f := l.Instance().Func(export)
	if f == nil {
		t.Fatalf("no export %q", export)
	}
	return l.Instance().Call(f, args...)
}

func TestCallAnswers(t *testing.T) {
	vm := guestVM(t, wasm.Limits{MemoryPages: 4}, wasm.VMConfig{Lanes: 1})
	const refused = 0xffffffff
	for _, c := range []struct {
		export string
		args   []uint64
		want   uint64
	}{
		{"empty", nil, 0},
		{"add", []uint64{2, 3}, 5},
		{"add", []uint64{2<<32 | 2, 3}, 5},
		{"add", []uint64{2}, 2},
		{"minus_one", nil, 0xffffffff},
		{"via_alloc", []uint64{8}, 24},
		{"grow", []uint64{3}, 1},
		{"grow", []uint64{1}, refused},
		{"grow", []uint64{0}, 4},
		{"deep", []uint64{1000}, 1000},
		{"spin_for", []uint64{3_000_000}, 0},
		{"_start", nil, 0},
		{"add", []uint64{1, 1}, 2},
	} {
		got, err := run(t, vm, c.export, c.args...)
		if err != nil || got != c.want {
			t.Errorf("%s%v = %#x, %v; want %#x", c.export, c.args, got, err, c.want)
		}
	}
	if s := vm.Stats()[0]; s.Traps+s.Budget+s.Restarts != 0 || s.Memory != 4<<16 || s.State != "live" {
		t.Errorf("after good callbacks only: %+v", s)
	}
}

func TestCallEndsInstance(t *testing.T) {
	for _, c := range []struct {
		export string
		args   []uint64
		kind   fault.Kind
		text   string
	}{
		{"trap", nil, fault.GuestTrap, "unreachable"},
		{"divide", []uint64{0}, fault.GuestTrap, "divide by zero"},
		{"beyond", nil, fault.GuestTrap, "out of bounds memory"},
		{"deep", []uint64{1 << 30}, fault.GuestTrap, ""},
		{"exit", []uint64{0}, fault.GuestTrap, "exited with code 0"},
		{"exit", []uint64{3}, fault.GuestTrap, "exited with code 3"},
		{"fail", nil, fault.GuestTrap, "the ABI gives up"},
		{"boom", nil, fault.GuestTrap, "nil pointer"},
		{"spin", nil, fault.GuestBudget, "fuel"},
		{"spin_for", []uint64{1 << 31}, fault.GuestBudget, "fuel"},
		{"hosts", nil, fault.GuestBudget, "host calls"},
		{"charge", []uint64{uint64(time.Hour)}, fault.GuestBudget, "fuel"},
	} {
		t.Run(c.export, func(t *testing.T) {
			var lost []error
			vm := guestVM(t, wasm.Limits{}, wasm.VMConfig{
				Lanes: 1,
				Lost: func(in *wasm.Instance, cause error) {
					if _, ok := in.Read(0, 1); !ok {
						t.Error("the memory of a lost instance cannot be read")
					}
					lost = append(lost, cause)
				},
			})
			l, err := vm.Acquire()
			if err != nil {
				t.Fatal(err)
			}
			in := l.Instance()
			_, err = in.Call(in.Func(c.export), c.args...)
			if fault.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v (%v), want %v with %q", err, fault.KindOf(err), c.kind, c.text)
			}
			if len(lost) != 1 || !errors.Is(err, lost[0]) {
				t.Errorf("Lost was told %v", lost)
			}
			if !in.Dead() || l.Instance() != nil {
				t.Error("the instance still lives")
			}
			if _, again := in.Call(in.Func("empty")); !errors.Is(again, err) {
				t.Errorf("a dead instance answers %v", again)
			}
			if _, ok := in.Read(0, 1); ok {
				t.Error("the memory of a closed instance can be read")
			}
			l.Unlock()
			// Whoever comes next waits for the fresh one.
			if got, err := run(t, vm, "count"); err != nil || got != 1 {
				t.Errorf("a fresh instance answers %d, %v", got, err)
			}
			if s := vm.Stats()[0]; s.Restarts != 1 || s.Traps+s.Budget != 1 {
				t.Errorf("stats: %+v", s)
			}
		})
	}
}

func TestNestedTrapEndsCallback(t *testing.T) {
	lost := 0
	vm := guestVM(t, wasm.Limits{}, wasm.VMConfig{
		Lanes: 1,
		Start: func(in *wasm.Instance) error { in.User = in.Func("bad_alloc"); return nil },
		Lost:  func(*wasm.Instance, error) { lost++ },
	})
	_, err := run(t, vm, "via_alloc", 8)
	if fault.KindOf(err) != fault.GuestTrap || !strings.Contains(err.Error(), "bad_alloc") || lost != 1 {
		t.Errorf("got %v, lost %d", err, lost)
	}
}

func TestReentryIsATrap(t *testing.T) {
	vm := guestVM(t, wasm.Limits{}, wasm.VMConfig{
		Lanes: 1,
		Start: func(in *wasm.Instance) error { in.User = in.Func("via_alloc"); return nil },
	})
	_, err := run(t, vm, "via_alloc", 8)
	if fault.KindOf(err) != fault.GuestTrap || !strings.Contains(err.Error(), "called while it runs") {
		t.Errorf("got %v", err)
	}
}

func TestFailBetweenCallbacks(t *testing.T) {
	lost := 0
	vm := guestVM(t, wasm.Limits{}, wasm.VMConfig{Lanes: 1, Lost: func(*wasm.Instance, error) { lost++ }})
	l, err := vm.Acquire()
	if err != nil {
		t.Fatal(err)
	}
	l.Instance().Fail(errors.New("out of ids"))
	if lost != 1 || l.Instance() != nil {
		t.Errorf("lost %d, instance %v", lost, l.Instance())
	}
	l.Unlock()
	if _, err := run(t, vm, "empty"); err != nil {
		t.Error(err)
	}
}

func TestFuelIsAccounted(t *testing.T) {
	vm := guestVM(t, wasm.Limits{}, wasm.VMConfig{Lanes: 1})
	fuel := func(export string, args ...uint64) uint64 {
		t.Helper()
		before := vm.Stats()[0].Fuel
		if _, err := run(t, vm, export, args...); err != nil {
			t.Fatal(err)
		}
		return vm.Stats()[0].Fuel - before
	}
	small, large := fuel("spin_for", 1000), fuel("spin_for", 1_000_000)
	if ratio := float64(large) / float64(small); ratio < 900 || ratio > 1100 {
		t.Errorf("a thousand times the loop burns %.0f times the fuel (%d, %d)", ratio, small, large)
	}
	if idle := fuel("empty"); idle > 100 {
		t.Errorf("an empty callback burns %d", idle)
	}
	if charged := fuel("charge", 12345); charged < 12345 || charged > 12345+1000 {
		t.Errorf("a charge of 12345 is counted as %d", charged)
	}
}

func TestMemoryAccess(t *testing.T) {
	vm := guestVM(t, wasm.Limits{}, wasm.VMConfig{Lanes: 1})
	l, err := vm.Acquire()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Unlock()
	in := l.Instance()
	const size = 1 << 16
	for _, c := range []struct {
		ptr, n uint32
		ok     bool
	}{
		{0, 0, true}, {0, size, true}, {size, 0, true}, {size - 1, 1, true},
		{0, size + 1, false}, {size, 1, false}, {size + 1, 0, false},
		{1, 0xffffffff, false}, {0xffffffff, 1, false}, {0xffffffff, 0xffffffff, false},
	} {
		if b, ok := in.Read(c.ptr, c.n); ok != c.ok || ok && len(b) != int(c.n) {
			t.Errorf("Read(%d, %d) = %d bytes, %v", c.ptr, c.n, len(b), ok)
		}
	}
	if !in.Write(size-2, []byte("ab")) || in.Write(size-1, []byte("ab")) || in.Write(0xffffffff, []byte("ab")) {
		t.Error("Write's bounds")
	}
	if !in.WriteU32(8, 0x04030201) || !in.WriteU64(12, 0x0c0b0a0908070605) || in.WriteU32(size-3, 0) || in.WriteU64(size-7, 0) {
		t.Error("the bounds of WriteU32 and WriteU64")
	}
	if b, _ := in.Read(8, 12); string(b) != "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c" {
		t.Errorf("words are stored as % x", b)
	}
	// A view that was taken before the memory grew is of the same memory.
	b, _ := in.Read(0, 1)
	if _, err := in.Call(in.Func("grow"), 1); err != nil {
		t.Fatal(err)
	}
	in.Write(0, []byte{42})
	if b[0] != 42 {
		t.Error("the memory has moved")
	}
}
