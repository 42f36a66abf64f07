package wasi_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"

	"github.com/weirproxy/weir/core/wasm/wasi"
)

// guest is a caller with some memory.
type guest struct {
	memory  [70 << 10]byte
	env     []string
	printed []string
	charged int64
}

func (g *guest) Read(ptr, n uint32) ([]byte, bool) {
	if uint64(ptr)+uint64(n) > uint64(len(g.memory)) {
		return nil, false
	}
	return g.memory[ptr : ptr+n], true
}

func (g *guest) WriteU32(ptr, v uint32) bool {
	b, ok := g.Read(ptr, 4)
	if ok {
		binary.LittleEndian.PutUint32(b, v)
	}
	return ok
}

func (g *guest) WriteU64(ptr uint32, v uint64) bool {
	b, ok := g.Read(ptr, 8)
	if ok {
		binary.LittleEndian.PutUint64(b, v)
	}
	return ok
}

func (g *guest) Now() time.Time        { return time.Now() }
func (g *guest) Uptime() time.Duration { return time.Since(began) }

var began = time.Now()

func (g *guest) Charge(units int64) { g.charged += units }

func (g *guest) Print(stream int, b []byte) {
	g.printed = append(g.printed, fmt.Sprintf("%d:%s", stream, b))
}

func (g *guest) Environ() []string { return g.env }

func (g *guest) u32(ptr int) uint32 { return binary.LittleEndian.Uint32(g.memory[ptr:]) }
func (g *guest) u64(ptr int) uint64 { return binary.LittleEndian.Uint64(g.memory[ptr:]) }

// call calls a function whose parameters are spelled as in types: i and I.
func call(t *testing.T, g *guest, name, types string, args ...uint64) uint64 {
	t.Helper()
	params := make([]api.ValueType, len(types))
	for i, c := range types {
		params[i] = map[rune]api.ValueType{'i': api.ValueTypeI32, 'I': api.ValueTypeI64}[c]
	}
	f, err := wasi.Lookup(name, params, []api.ValueType{api.ValueTypeI32})
	if err != nil {
		t.Fatal(err)
	}
	stack := make([]uint64, max(len(args), 1))
	for i, a := range args {
		if types[i] == 'i' {
			a |= 0xabcd << 32 // what is above an i32 is garbage
		}
		stack[i] = a
	}
	f(g, stack)
	return stack[0]
}

const beyond = 0xfffffff0

// TestResults are the answers of Envoy's host.
func TestResults(t *testing.T) {
	for _, c := range []struct {
		name, types string
		args        []uint64
		want        uint64
	}{
		{"args_get", "ii", []uint64{beyond, beyond}, 0},
		{"args_sizes_get", "ii", []uint64{0, 4}, 0},
		{"args_sizes_get", "ii", []uint64{0, beyond}, 21},
		{"environ_get", "ii", []uint64{beyond, beyond}, 0},
		{"environ_sizes_get", "ii", []uint64{beyond, 0}, 21},
		{"clock_res_get", "ii", []uint64{0, 0}, 0},
		{"clock_res_get", "ii", []uint64{1, 0}, 0},
		{"clock_res_get", "ii", []uint64{2, 0}, 58},
		{"clock_res_get", "ii", []uint64{0, beyond}, 21},
		{"clock_time_get", "iIi", []uint64{0, 0, 0}, 0},
		{"clock_time_get", "iIi", []uint64{1, 0, 0}, 0},
		{"clock_time_get", "iIi", []uint64{2, 0, 0}, 58},
		{"clock_time_get", "iIi", []uint64{0, 0, beyond}, 21},
		{"random_get", "ii", []uint64{0, 65536}, 0},
		{"random_get", "ii", []uint64{0, 65537}, 28},
		{"random_get", "ii", []uint64{beyond, 0}, 21},
		{"random_get", "ii", []uint64{beyond, 32}, 21},
		{"poll_oneoff", "iiii", []uint64{0, 0, 1, 0}, 0},
		{"poll_oneoff", "iiii", []uint64{0, 0, 1, beyond}, 21},
		{"sched_yield", "", nil, 0},
		{"fd_close", "i", []uint64{77}, 0},
		{"fd_seek", "iIii", []uint64{77, 0, 0, 0}, 0},
		{"fd_read", "iiii", []uint64{0, 0, 0, 0}, 52},
		{"fd_write", "iiii", []uint64{0, 0, 0, 0}, 8},
		{"fd_write", "iiii", []uint64{3, 0, 0, 0}, 8},
		{"fd_write", "iiii", []uint64{1, beyond, 2, 0}, 21},
		{"fd_write", "iiii", []uint64{1, 0, 0xffffffff, 0}, 28},
		{"fd_write", "iiii", []uint64{1, 0, 0, beyond}, 21},
		{"fd_fdstat_get", "ii", []uint64{1, 0}, 0},
		{"fd_fdstat_get", "ii", []uint64{5, 0}, 8},
		{"fd_fdstat_get", "ii", []uint64{1, beyond}, 21},
		{"fd_fdstat_set_flags", "ii", []uint64{1, 0}, 52},
		{"fd_filestat_get", "ii", []uint64{1, 0}, 8},
		{"fd_prestat_get", "ii", []uint64{3, 0}, 8},
		{"fd_prestat_dir_name", "iii", []uint64{3, 0, 0}, 52},
		{"path_open", "iiiiiIIii", []uint64{3, 0, 0, 0, 0, 0, 0, 0, 0}, 44},
		{"path_filestat_get", "iiiii", []uint64{3, 0, 0, 0, 0}, 58},
		{"sock_accept", "iii", []uint64{3, 0, 0}, 58},
		{"fd_pread", "iiiIi", []uint64{3, 0, 0, 0, 0}, 58},
	} {
		if got := call(t, new(guest), c.name, c.types, c.args...); got != c.want {
			t.Errorf("%s%v = %d, want %d", c.name, c.args, got, c.want)
		}
	}
}

func TestWrite(t *testing.T) {
	g := new(guest)
	copy(g.memory[100:], "hello, world")
	for i, v := range []uint32{100, 5, 0, 0, 105, 7} {
		g.WriteU32(uint32(4*i), v)
	}
	if e := call(t, g, "fd_write", "iiii", 2, 0, 3, 50); e != 0 || g.u32(50) != 12 {
		t.Errorf("error %d, %d bytes", e, g.u32(50))
	}
	if got := strings.Join(g.printed, "|"); got != "2:hello|2:|2:, world" || g.charged < 12 {
		t.Errorf("printed %q, charged %d", got, g.charged)
	}
	g.WriteU32(4, beyond)
	if e := call(t, g, "fd_write", "iiii", 1, 0, 1, 50); e != 21 {
		t.Errorf("a piece out of bounds: error %d", e)
	}
}

func TestEnviron(t *testing.T) {
	g := &guest{env: []string{"A=1", "LONG=value"}}
	if e := call(t, g, "environ_sizes_get", "ii", 0, 4); e != 0 || g.u32(0) != 2 || g.u32(4) != 15 {
		t.Errorf("error %d: %d variables, %d bytes", e, g.u32(0), g.u32(4))
	}
	if e := call(t, g, "environ_get", "ii", 0, 100); e != 0 || g.u32(0) != 100 || g.u32(4) != 104 || string(g.memory[100:115]) != "A=1\x00LONG=value\x00" {
		t.Errorf("error %d: at %d and %d, %q", e, g.u32(0), g.u32(4), g.memory[100:115])
	}
	for _, args := range [][]uint64{{beyond, 0}, {0, uint64(len(g.memory)) - 10}} {
		if e := call(t, g, "environ_get", "ii", args...); e != 21 {
			t.Errorf("environ_get%v: error %d", args, e)
		}
	}
}

func TestClocksAreReal(t *testing.T) {
	g := new(guest)
	before := time.Now()
	call(t, g, "clock_time_get", "iIi", 0, 0, 8)
	if at := time.Unix(0, int64(g.u64(8))); at.Before(before.Round(0)) || at.After(time.Now()) {
		t.Errorf("the clock says %v", at)
	}
	call(t, g, "clock_time_get", "iIi", 1, 0, 8)
	first := g.u64(8)
	call(t, g, "clock_time_get", "iIi", 1, 0, 8)
	if first == 0 || g.u64(8) < first {
		t.Errorf("the monotonic clock says %d, then %d", first, g.u64(8))
	}
}

func TestRandom(t *testing.T) {
	g := new(guest)
	call(t, g, "random_get", "ii", 0, 32)
	first := bytes.Clone(g.memory[:32])
	call(t, g, "random_get", "ii", 0, 32)
	if bytes.Equal(first, g.memory[:32]) || !bytes.Equal(g.memory[32:64], make([]byte, 32)) {
		t.Error("not random, or not where it should be")
	}
}

func TestFdstat(t *testing.T) {
	g := new(guest)
	for i := range g.memory {
		g.memory[i] = 0xff
	}
	call(t, g, "fd_fdstat_get", "ii", 2, 0)
	if g.u64(0) != 0 || g.u64(8) != 64 || g.u64(16) != 0 || g.memory[24] != 0xff {
		t.Errorf("got % x", g.memory[:25])
	}
}

func TestExit(t *testing.T) {
	f, err := wasi.Lookup("proc_exit", []api.ValueType{api.ValueTypeI32}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		exit, ok := errors.AsType[*sys.ExitError](recover().(error))
		if !ok || exit.ExitCode() != 7 {
			t.Errorf("thrown: %v", exit)
		}
	}()
	f(new(guest), []uint64{7})
}

func TestLookupFails(t *testing.T) {
	i32 := []api.ValueType{api.ValueTypeI32}
	for _, c := range []struct {
		name            string
		params, results []api.ValueType
	}{
		{"fd_fly", nil, i32},
		{"fd_close", nil, i32},
		{"fd_close", i32, nil},
		{"fd_close", []api.ValueType{api.ValueTypeF32}, i32},
		{"proc_exit", i32, i32},
	} {
		if _, err := wasi.Lookup(c.name, c.params, c.results); err == nil || !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s(%x)%x: %v", c.name, c.params, c.results, err)
		}
	}
}
