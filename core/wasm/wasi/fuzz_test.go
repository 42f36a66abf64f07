package wasi_test

import (
	"slices"
	"testing"

	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/wasm/wasi"
)

// FuzzPointers gives every function arguments of any value: it may answer what
// it likes, but neither panic nor reach outside of the guest's memory.
func FuzzPointers(f *testing.F) {
	i32, i64 := api.ValueTypeI32, api.ValueTypeI64
	functions := []struct {
		name   string
		params []api.ValueType
	}{
		{"args_sizes_get", []api.ValueType{i32, i32}},
		{"environ_get", []api.ValueType{i32, i32}},
		{"environ_sizes_get", []api.ValueType{i32, i32}},
		{"clock_res_get", []api.ValueType{i32, i32}},
		{"clock_time_get", []api.ValueType{i32, i64, i32}},
		{"random_get", []api.ValueType{i32, i32}},
		{"poll_oneoff", []api.ValueType{i32, i32, i32, i32}},
		{"fd_write", []api.ValueType{i32, i32, i32, i32}},
		{"fd_fdstat_get", []api.ValueType{i32, i32}},
	}
	f.Add(uint8(7), uint64(1), uint64(0), uint64(2), uint64(64), []byte("\x10\x00\x00\x00\x04\x00\x00\x00"))
	f.Add(uint8(7), uint64(2), uint64(1<<32|65528), uint64(1<<29), uint64(0xffffffff), []byte{})
	f.Add(uint8(1), uint64(70<<10-1), uint64(70<<10-3), uint64(0), uint64(0), []byte{})
	f.Fuzz(func(t *testing.T, which uint8, a, b, c, d uint64, memory []byte) {
		fn := functions[int(which)%len(functions)]
		call, err := wasi.Lookup(fn.name, fn.params, []api.ValueType{i32})
		if err != nil {
			t.Fatal(err)
		}
		g := &guest{env: []string{"A=1", "B="}}
		copy(g.memory[:], memory)
		stack := []uint64{a, b, c, d}
		call(g, stack)
		if known := []uint64{0, 8, 21, 28, 58}; !slices.Contains(known, stack[0]) {
			t.Errorf("%s(%d, %d, %d, %d) = %d", fn.name, a, b, c, d, stack[0])
		}
		if g.charged < 0 {
			t.Errorf("%s charged %d", fn.name, g.charged)
		}
	})
}
