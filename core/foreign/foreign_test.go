package foreign_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/circuit"
	"github.com/weirproxy/weir/core/coding"
	"github.com/weirproxy/weir/core/foreign"
	"github.com/weirproxy/weir/core/retry"
	"github.com/weirproxy/weir/core/state"
)

// call is a guest's callback on a stream.
type call struct {
	space   *state.Namespace
	cleared int
	facts   map[string]string
	encodes []string
}

func (c *call) State() *state.Namespace { return c.space }

func (c *call) ClearRoute() foreign.Status {
	c.cleared++
	return foreign.OK
}

func (c *call) SetFilterState(path string, value []byte) foreign.Status {
	c.facts[path] = string(value)
	return foreign.OK
}

func (c *call) EnterCircuit(p circuit.Policy, key []byte) (circuit.Decision, foreign.Status) {
	d, _ := c.space.Circuits().Enter(key, &p, c.space.Now())
	return d, foreign.OK
}

func (c *call) Retry(policy []byte) foreign.Status {
	if _, err := retry.Parse(policy); err != nil {
		return foreign.BadArgument
	}
	return foreign.OK
}

func (c *call) Sleep(d time.Duration, most uint32) (uint32, foreign.Status) {
	if most == 0 {
		return 0, foreign.InternalFailure
	}
	return uint32(d), foreign.OK
}

func (c *call) Encode(k coding.Coding, level int) foreign.Status {
	if len(c.encodes) == 2 {
		return foreign.InternalFailure
	}
	c.encodes = append(c.encodes, fmt.Sprint(k, " ", level))
	return foreign.OK
}

func newCall(tb testing.TB) *call {
	now := int64(time.Hour)
	n := state.New(state.Options{Now: func() int64 { return now }}).Open("vm", 0)
	tb.Cleanup(n.Close)
	return &call{space: n, facts: make(map[string]string)}
}

// encode puts numbers and runs of bytes one behind the other.
func encode(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch v := p.(type) {
		case uint32:
			b = binary.LittleEndian.AppendUint32(b, v)
		case int64:
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		case time.Duration:
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		case string:
			b = append(b, v...)
		case []byte:
			b = append(b, v...)
		default:
			panic(p)
		}
	}
	return b
}

var registry = foreign.NewRegistry()

// invoke calls a function behind some bytes of the caller's, which must stay.
func invoke(t testing.TB, c foreign.Call, name string, args []byte) ([]byte, foreign.Status) {
	t.Helper()
	f := registry.Find([]byte(name))
	if f == nil {
		t.Fatalf("no function %q", name)
		return nil, 0
	}
	if f.Async {
		c = nil // it runs where there is no callback
	}
	prefix := []byte("scratch:")
	result, cost, s := f.Run(c, prefix, args)
	if cost <= 0 {
		t.Errorf("%s costs %d", name, cost)
	}
	if s != foreign.OK {
		return nil, s
	}
	if !bytes.HasPrefix(result, prefix) {
		t.Fatalf("%s lost what was before its result: %q", name, result)
	}
	return result[len(prefix):], s
}

// row is a call and its answer.
type row struct {
	name   string
	args   []byte
	result []byte
	status foreign.Status
}

func check(t *testing.T, c foreign.Call, rows []row) {
	t.Helper()
	for i, r := range rows {
		got, s := invoke(t, c, r.name, r.args)
		if s != r.status || !bytes.Equal(got, r.result) {
			t.Errorf("row %d, %s(%x): %x, status %d, want %x, %d", i, r.name, r.args, got, s, r.result, r.status)
		}
	}
}

func TestRegistry(t *testing.T) {
	r := foreign.NewRegistry()
	run := func(foreign.Call, []byte, []byte) ([]byte, int64, foreign.Status) { return nil, 1, foreign.OK }
	if err := r.Add(foreign.Function{Name: "weir.phases", Run: run}); err != nil {
		t.Fatal(err)
	}
	if r.Find([]byte("weir.phases")) == nil || !slices.Contains(r.Names(), "weir.phases") {
		t.Error("an added function is not found")
	}
	for _, f := range []foreign.Function{{Name: "compress", Run: run}, {Name: "", Run: run}, {Name: "x"}} {
		if err := r.Add(f); err == nil {
			t.Errorf("adding %q was allowed", f.Name)
		}
	}
	if r.Find([]byte("none")) != nil {
		t.Error("found what is not there")
	}
}

func TestStreamFunctions(t *testing.T) {
	c := newCall(t)
	check(t, c, []row{
		{"clear_route_cache", nil, nil, foreign.OK},
		{"set_envoy_filter_state", []byte("\x0a\x04user\x12\x03ann\x18\x01"), nil, foreign.OK},
		{"set_envoy_filter_state", []byte("\x0a\x04user\x12\x09ann"), nil, foreign.BadArgument},
		{"set_envoy_filter_state", []byte("\x0a\x01\xff"), nil, foreign.BadArgument},
		{"set_envoy_filter_state", []byte("\xff"), nil, foreign.BadArgument},
	})
	if c.cleared != 1 || len(c.facts) != 1 || c.facts["user"] != "ann" {
		t.Errorf("cleared %d times, facts %q", c.cleared, c.facts)
	}
}

func TestEncode(t *testing.T) {
	c := newCall(t)
	ask := func(coding, level uint32) []byte { return encode(coding, level) }
	check(t, c, []row{
		{"weir.encode", ask(1, 1), nil, foreign.OK},
		{"weir.encode", ask(2, 9), nil, foreign.OK},
		{"weir.encode", ask(3, 5), nil, foreign.InternalFailure},
		{"weir.encode", ask(0, 5), nil, foreign.BadArgument},
		{"weir.encode", ask(4, 5), nil, foreign.BadArgument},
		{"weir.encode", ask(257, 5), nil, foreign.BadArgument},
		{"weir.encode", ask(1, 0), nil, foreign.BadArgument},
		{"weir.encode", ask(1, 10), nil, foreign.BadArgument},
		{"weir.encode", ask(1, 1<<32-1), nil, foreign.BadArgument},
		{"weir.encode", ask(1, 1)[:7], nil, foreign.BadArgument},
		{"weir.encode", append(ask(1, 1), 0), nil, foreign.BadArgument},
		{"weir.encode", nil, nil, foreign.BadArgument},
	})
	if got := strings.Join(c.encodes, ","); got != "gzip 1,br 9" {
		t.Errorf("asked for %s", got)
	}
}

func TestValueFunctions(t *testing.T) {
	u, z := uint32(0), int64(0)
	check(t, newCall(t), []row{
		{"weir.kv_get", []byte("k"), nil, foreign.NotFound},
		{"weir.kv_set", encode(z, u, uint32(1), "kvalue"), encode(uint32(1)), foreign.OK},
		{"weir.kv_get", []byte("k"), encode(uint32(1), "value"), foreign.OK},
		{"weir.kv_set", encode(z, uint32(9), uint32(1), "kother"), nil, foreign.CASMismatch},
		{"weir.kv_set", encode(z, uint32(1), uint32(1), "k"), encode(uint32(2)), foreign.OK},
		{"weir.kv_get", []byte("k"), encode(uint32(2)), foreign.OK},
		{"weir.kv_set", encode(z, u, uint32(2), "k"), nil, foreign.BadArgument},
		{"weir.kv_set", encode(z, u, uint32(1<<32-1), "k"), nil, foreign.BadArgument},
		{"weir.kv_set", encode(int64(-1), u, uint32(1), "k"), nil, foreign.BadArgument},
		{"weir.kv_set", encode(z, u), nil, foreign.BadArgument},
		{"weir.kv_set", encode(z, u, uint32(300), make([]byte, 300)), nil, foreign.BadArgument},
		{"weir.kv_increment", encode(int64(5), time.Second, "n"), encode(int64(5)), foreign.OK},
		{"weir.kv_increment", encode(int64(-7), z, "n"), encode(int64(-2)), foreign.OK},
		{"weir.kv_increment", encode(int64(1), z, "k"), nil, foreign.BadArgument},
		{"weir.kv_increment", encode(int64(1), int64(-1), "n"), nil, foreign.BadArgument},
		{"weir.kv_increment", encode(int64(1)), nil, foreign.BadArgument},
		{"weir.kv_delete", encode(uint32(7), "k"), nil, foreign.CASMismatch},
		{"weir.kv_delete", encode(u, "k"), nil, foreign.OK},
		{"weir.kv_delete", encode(u, "k"), nil, foreign.NotFound},
		{"weir.kv_delete", []byte("abc"), nil, foreign.BadArgument},
	})
}

func TestFullNamespaceIsInternalFailure(t *testing.T) {
	c := newCall(t)
	c.space = state.New(state.Options{Bytes: 10}).Open("vm", 0)
	check(t, c, []row{
		{"weir.kv_set", encode(int64(0), uint32(0), uint32(1), "k"), nil, foreign.InternalFailure},
		{"weir.kv_increment", encode(int64(1), int64(0), "n"), nil, foreign.InternalFailure},
	})
}

func TestRateTake(t *testing.T) {
	u, z := uint32(0), int64(0)
	take := func(algorithm uint32, limit int64, cost int64) []byte {
		return encode(algorithm, u, limit, time.Second, z, cost, "client")
	}
	second := int64(time.Second)
	check(t, newCall(t), []row{
		{"weir.rate_take", take(0, 2, 1), encode(uint32(1), u, int64(1), second/2, z), foreign.OK},
		{"weir.rate_take", take(0, 2, 1), encode(uint32(1), u, z, second, z), foreign.OK},
		{"weir.rate_take", take(0, 2, 1), encode(u, u, z, second, second/2), foreign.OK},
		{"weir.rate_take", take(0, 2, 3), encode(u, u, z, second, int64(-1)), foreign.OK},
		{"weir.rate_take", take(1, 1, 1), encode(uint32(1), u, z, 2*second, z), foreign.OK},
		{"weir.rate_take", take(1, 1, 1), encode(u, u, z, 2*second, 2*second), foreign.OK},
		{"weir.rate_take", take(2, 1, 1), nil, foreign.BadArgument},
		{"weir.rate_take", take(0, -1, 1), nil, foreign.BadArgument},
		{"weir.rate_take", take(0, 1, -1), nil, foreign.BadArgument},
		{"weir.rate_take", take(0, 1, 1)[:39], nil, foreign.BadArgument},
		{"weir.rate_take", encode(u, uint32(1), int64(2), time.Second, z, int64(1), "fleet"), encode(uint32(1), u, int64(1), second/2, z), foreign.OK},
		{"weir.rate_take", encode(u, uint32(1), int64(1), time.Second-1, z, z, "k"), nil, foreign.BadArgument},
		{"weir.rate_take", encode(u, uint32(2), int64(1), time.Second, z, z, "k"), nil, foreign.BadArgument},
	})
}
