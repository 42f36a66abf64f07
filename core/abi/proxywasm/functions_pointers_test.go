package proxywasm_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/abi/proxywasm"
)

// memoryEnd is where a script's memory ends.
const memoryEnd = 16 << 16

// valid is a call of a function in on_request_headers, where it answers OK.
// It has every pointer that the function takes.
var valid = []struct {
	function string
	args     []any
	before   []step
}{
	{function: "proxy_log", args: []any{0, "x"}},
	{function: "proxy_get_log_level", args: []any{outWord{}}},
	{function: "proxy_get_current_time_nanoseconds", args: []any{outLong{}}},
	{function: "proxy_get_status", args: []any{outWord{}, outBytes{}}},
	{function: "proxy_get_header_map_size", args: []any{0, outWord{}}},
	{function: "proxy_get_header_map_pairs", args: []any{0, outBytes{}}},
	{function: "proxy_set_header_map_pairs", args: []any{0, pairs(":method", "GET", ":path", "/", ":authority", "a.example")}},
	{function: "proxy_get_header_map_value", args: []any{0, ":path", outBytes{}}},
	{function: "proxy_add_header_map_value", args: []any{0, "cookie", ""}},
	{function: "proxy_replace_header_map_value", args: []any{0, "x-a", "1"}},
	{function: "proxy_remove_header_map_value", args: []any{0, "x-a"}},
	{function: "proxy_get_buffer_bytes", args: []any{6, 0, 9, outBytes{}}},
	{function: "proxy_get_buffer_status", args: []any{6, outWord{}, outWord{}}},
	{function: "proxy_get_property", args: []any{"request\x00path", outBytes{}}},
	{function: "proxy_set_property", args: []any{"a", "b"}},
	{function: "proxy_http_call", args: []any{"auth", pairs(":method", "GET", ":path", "/", ":authority", "a"), "b", pairs("t", "1"), 0, outWord{}}},
	{function: "proxy_grpc_call", args: []any{"auth", "s", "m", pairs("a", "b"), "q", 0, outWord{}}},
	{function: "proxy_grpc_stream", args: []any{"auth", "s", "m", pairs("a", "b"), outWord{}}},
	{function: "proxy_grpc_send", args: []any{6, "q", 0}, before: []step{quiet("proxy_grpc_stream", "auth", "s", "m", "", outWord{})}},
	{function: "proxy_call_foreign_function", args: []any{"weir.random", "\x08\x00\x00\x00", outBytes{}}},
	{function: "proxy_set_shared_data", args: []any{"k", "v", 0}},
	{function: "proxy_get_shared_data", args: []any{"k", outBytes{}, outWord{}}, before: []step{quiet("proxy_set_shared_data", "k", "v", 0)}},
	{function: "proxy_register_shared_queue", args: []any{"q", outWord{}}},
	{function: "proxy_resolve_shared_queue", args: []any{"v", "q", outWord{}}, before: []step{quiet("proxy_register_shared_queue", "q", outWord{})}},
	{function: "proxy_enqueue_shared_queue", args: []any{1, "x"}, before: []step{quiet("proxy_register_shared_queue", "q", outWord{})}},
	{function: "proxy_dequeue_shared_queue", args: []any{1, outBytes{}},
		before: append([]step{quiet("proxy_register_shared_queue", "q", outWord{})}, repeatStep(quiet("proxy_enqueue_shared_queue", 1, "item"), 20)...)},
	{function: "proxy_define_metric", args: []any{0, "m", outWord{}}},
	{function: "proxy_get_metric", args: []any{4, outLong{}}, before: []step{quiet("proxy_define_metric", 0, "m", outWord{})}},
	{function: "proxy_get_configuration", args: []any{outBytes{}}},
	// The two that change how the stream goes on: last, where they are called with bad pointers alone.
	{function: "proxy_set_buffer_bytes", args: []any{0, 0, 0, "x"}},
	{function: "proxy_send_local_response", args: []any{403, "d", "b", pairs("x", "1"), -1}},
}

// noPointers are the functions that take none.
const noPointers = "proxy_continue_stream proxy_close_stream proxy_set_effective_context proxy_done proxy_set_tick_period_milliseconds " +
	"proxy_grpc_close proxy_grpc_cancel proxy_record_metric proxy_increment_metric proxy_continue_request proxy_continue_response proxy_clear_route_cache"

func repeatStep(s step, n int) []step {
	steps := make([]step, n)
	for k := range steps {
		steps[k] = s
	}
	return steps
}

// badPointers are the calls that differ from one by a pointer out of range, or
// a length.
func badPointers(args []any) (calls [][]any) {
	with := func(k int, words ...any) {
		changed := append([]any{}, args[:k]...)
		calls = append(calls, append(append(changed, words...), args[k+1:]...))
	}
	for k, a := range args {
		switch a.(type) {
		case string:
			for _, b := range [][2]int{{memoryEnd - 1, 2}, {memoryEnd, 1}, {-16, 8}, {-1, 1}, {-1, -1}, {0, -1}, {dataAt, 0x7fffffff}, {dataAt, memoryEnd}, {1, memoryEnd}} {
				with(k, b[0], b[1])
			}
		case outWord:
			for _, b := range []int{memoryEnd - 3, memoryEnd, -4, -1, -0x80000000} {
				with(k, b)
			}
		case outLong:
			for _, b := range []int{memoryEnd - 7, memoryEnd, -8, -1} {
				with(k, b)
			}
		case outBytes:
			for _, b := range []int{memoryEnd - 3, memoryEnd, -4, -1} {
				with(k, b, cellSize)
				with(k, cellData, b)
				with(k, b, b)
			}
		}
	}
	return calls
}

// TestBadPointers: each pointer parameter of each function, out of range: the
// answer is INVALID_MEMORY_ACCESS, and nothing comes of the call.
func TestBadPointers(t *testing.T) {
	tested := map[string]bool{}
	for _, v := range valid {
		tested[v.function] = true
		t.Run("PW-117 "+v.function, func(t *testing.T) {
			h := newHost(t)
			steps := append([]step{}, v.before...)
			calls := badPointers(v.args)
			if len(calls) < 4 {
				t.Fatalf("%d calls: it has pointers", len(calls))
			}
			for _, args := range calls {
				steps = append(steps, call(v.function, args...))
			}
			steps = append(steps, say("alive"))
			f := h.load(newScript().on("on_request_headers", steps...), calling, func(s *proxywasm.Spec) { s.VM, s.VMConfig = "v", []byte("config") })
			o := (&exchange{}).run(f)
			lines := h.log.take()
			if len(lines) != len(calls)+1 || lines[len(calls)] != "alive" {
				t.Fatalf("lines %q, want an answer to each of %d calls", lines, len(calls))
			}
			for k, line := range lines[:len(calls)] {
				if _, status, _ := strings.Cut(line, "="); strings.Fields(status)[0] != "6" {
					t.Errorf("%s%v answers %s, want 6", v.function, calls[k], status)
				}
			}
			if o.upstream != "GET / a.example" || o.downstream != "200" || h.caller.count() != 0 {
				t.Errorf("outcome %+v, %d calls: something came of them", o, h.caller.count())
			}
		})
	}
	for _, f := range hostFunctions {
		if tested[f.name] == strings.Contains(noPointers, f.name) {
			t.Errorf("%s: in one of valid and noPointers, please", f.name)
		}
	}
}

// TestGoodPointers: what the bad ones were made of answers OK, and no bytes at
// all are the same wherever they are.
func TestGoodPointers(t *testing.T) {
	for _, v := range valid[:len(valid)-2] {
		t.Run(v.function, func(t *testing.T) {
			h := newHost(t)
			steps := append(append([]step{}, v.before...), call(v.function, v.args...))
			for k, a := range v.args {
				if _, ok := a.(string); !ok {
					continue
				}
				for _, words := range [][]any{{""}, {-1, 0}, {0, 0}, {memoryEnd, 0}} {
					args := append(append(append([]any{}, v.args[:k]...), words...), v.args[k+1:]...)
					steps = append(steps, call(v.function, args...))
				}
			}
			f := h.load(newScript().on("on_request_headers", steps...), calling, func(s *proxywasm.Spec) { s.VM, s.VMConfig, s.MaxCalls = "v", []byte("config"), 100 })
			(&exchange{}).run(f)
			status := func(line string) string { return strings.Fields(line[strings.IndexByte(line, '=')+1:])[0] }
			lines := []string{}
			for _, line := range h.log.take() {
				if strings.HasPrefix(line, strings.TrimPrefix(v.function, "proxy_")+"=") {
					lines = append(lines, line)
				}
			}
			if status(lines[0]) != "0" {
				t.Errorf("%s%v answers %s", v.function, v.args, lines[0])
			}
			for k := 1; k < len(lines); k += 4 {
				for _, line := range lines[k : k+4] {
					if status(line) != status(lines[k]) {
						t.Errorf("%q: no bytes are not the same everywhere", lines[k:k+4])
					}
				}
			}
		})
	}
}
