//go:build !race

package wasm_test

import (
	"testing"

	"github.com/weirproxy/weir/core/wasm"
)

// TestCallbacksDoNotAllocate: neither taking a lane, nor a callback, a host
// call and a call of the guest's allocator from it.
func TestCallbacksDoNotAllocate(t *testing.T) {
	vm := guestVM(t, wasm.Limits{}, wasm.VMConfig{Lanes: 1})
	l, err := vm.Acquire()
	if err != nil {
		t.Fatal(err)
	}
	f := l.Instance().Func("via_alloc")
	l.Unlock()
	n := testing.AllocsPerRun(1000, func() {
		l, err := vm.Acquire()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Instance().Call(f, 8); err != nil {
			t.Fatal(err)
		}
		l.Unlock()
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}
