package proxywasm

import (
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/wasm"
)

// function is a host function: its arguments are in a, unmasked.
type function struct {
	name   string
	params string // a letter each: i is an i32, I an i64
	early  bool   // may be called before on_context_create, and by an allocator
	run    func(i *instance, a []uint64) status
}

// table holds every function of the module "env" that the ABI names. Each answers an i32 status. Every version gets all of them. README.md
// lists the same, which a test checks.
var table = []function{
	{"proxy_log", "iii", true, (*instance).logLine},
	{"proxy_get_log_level", "i", false, (*instance).getLogLevel},
	{"proxy_get_current_time_nanoseconds", "i", false, (*instance).getTime},
	{"proxy_get_status", "iii", false, (*instance).getStatus},

	{"proxy_get_header_map_size", "ii", false, (*instance).getMapSize},
	{"proxy_get_header_map_pairs", "iii", false, (*instance).getMapPairs},
	{"proxy_set_header_map_pairs", "iii", false, (*instance).setMapPairs},
	{"proxy_get_header_map_value", "iiiii", false, (*instance).getMapValue},
	{"proxy_add_header_map_value", "iiiii", false, (*instance).addMapValue},
	{"proxy_replace_header_map_value", "iiiii", false, (*instance).replaceMapValue},
	{"proxy_remove_header_map_value", "iii", false, (*instance).removeMapValue},

	{"proxy_get_buffer_bytes", "iiiii", false, (*instance).getBuffer},
	{"proxy_get_buffer_status", "iii", false, (*instance).getBufferStatus},
	{"proxy_set_buffer_bytes", "iiiii", false, (*instance).setBuffer},

	{"proxy_get_property", "iiii", false, (*instance).getProperty},
	{"proxy_set_property", "iiii", false, (*instance).setProperty},

	{"proxy_send_local_response", "iiiiiiii", false, (*instance).sendReply},
	{"proxy_continue_stream", "i", false, (*instance).continueStream},
	{"proxy_close_stream", "i", false, (*instance).closeStream},
	{"proxy_set_effective_context", "i", false, (*instance).setEffective},
	{"proxy_done", "", false, (*instance).doneNow},

	{"proxy_set_tick_period_milliseconds", "i", false, (*instance).setTick},

	{"proxy_http_call", "iiiiiiiiii", false, (*instance).httpCall},
	{"proxy_grpc_call", "iiiiiiiiiiii", false, (*instance).grpcCall},
	{"proxy_grpc_stream", "iiiiiiiii", false, (*instance).grpcStream},
	{"proxy_grpc_send", "iiii", false, (*instance).grpcSend},
	{"proxy_grpc_close", "i", false, (*instance).grpcClose},
	{"proxy_grpc_cancel", "i", false, (*instance).grpcCancel},
	{"proxy_call_foreign_function", "iiiiii", false, (*instance).callForeign},

	{"proxy_get_shared_data", "iiiii", false, (*instance).getShared},
	{"proxy_set_shared_data", "iiiii", false, (*instance).setShared},
	{"proxy_register_shared_queue", "iii", false, (*instance).registerQueue},
	{"proxy_resolve_shared_queue", "iiiii", false, (*instance).resolveQueue},
	{"proxy_enqueue_shared_queue", "iii", false, (*instance).enqueue},
	{"proxy_dequeue_shared_queue", "iii", false, (*instance).dequeue},

	{"proxy_define_metric", "iiii", false, (*instance).defineMetric},
	{"proxy_record_metric", "iI", false, (*instance).recordMetric},
	{"proxy_increment_metric", "iI", false, (*instance).incrementMetric},
	{"proxy_get_metric", "ii", false, (*instance).getMetric},

	{"proxy_get_configuration", "ii", false, (*instance).getConfiguration},
	{"proxy_continue_request", "", false, (*instance).continueRequest},
	{"proxy_continue_response", "", false, (*instance).continueResponse},
	{"proxy_clear_route_cache", "", false, (*instance).clearRoute},
}

// misdeclared are functions that the AssemblyScript SDK imports with fewer
// parameters than they have. Its guests do not call them.
var misdeclared = map[string]bool{"proxy_grpc_call": true, "proxy_grpc_stream": true}

// functions finds a row by name.
var functions = func() map[string]*function {
	m := make(map[string]*function, len(table))
	for i := range table {
		m[table[i].name] = &table[i]
	}
	return m
}()

// resolve is the wasm.Resolver of one module. stub is told of what is not
// known, once each.
func resolve(module, name string, params, results []api.ValueType, stub func(name string)) (wasm.Func, error) {
	if module != "env" {
		return nil, nil
	}
	f := functions[name]
	if f == nil || !f.fits(params) && misdeclared[name] {
		stub(name)
		return stubFor(results), nil
	}
	switch {
	case !f.fits(params):
	case isI32(results, 1):
		return f.call, nil
	case len(results) == 0 && len(params) == 0:
		return f.callMute, nil
	}
	return nil, fmt.Errorf("importing %q: the module declares another signature than %s; build it with a Proxy-Wasm SDK", name, f.signature())
}

// call is the wasm.Func: the guest's way in.
func (f *function) call(in *wasm.Instance, a []uint64) { a[0] = uint64(f.run(f.enter(in), a)) }

// callMute is call for a guest that wants no status: the specification of
// 0.1.0 has its functions without parameters so, Envoy and the SDKs have not.
func (f *function) callMute(in *wasm.Instance, _ []uint64) { f.run(f.enter(in), nil) }

// enter is the instance that calls. A guest that calls where nothing may be
// called breaks the ABI, for which there is no status.
func (f *function) enter(in *wasm.Instance) *instance {
	i, ok := in.User.(*instance)
	if !ok || !f.early && (i.frame.kind == kindStart || i.allocating) {
		panic(&wasm.Trap{Kind: fault.GuestTrap, Reason: f.name + " called before the module was started, or by its allocator"})
	}
	return i
}

// stubFor answers UNIMPLEMENTED, where an answer is asked for.
func stubFor(results []api.ValueType) wasm.Func {
	if len(results) == 0 {
		return func(*wasm.Instance, []uint64) {}
	}
	answer := uint64(0)
	if isI32(results, 1) {
		answer = uint64(statusUnimplemented)
	}
	return func(_ *wasm.Instance, a []uint64) {
		clear(a[:len(results)])
		a[0] = answer
	}
}

func (f *function) fits(params []api.ValueType) bool {
	if len(params) != len(f.params) {
		return false
	}
	for k, t := range params {
		if t != valueType(f.params[k]) {
			return false
		}
	}
	return true
}

func valueType(letter byte) api.ValueType {
	if letter == 'I' {
		return api.ValueTypeI64
	}
	return api.ValueTypeI32
}

// signature is the function's type as the README has it.
func (f *function) signature() string {
	s := "("
	for k := range f.params {
		if k > 0 {
			s += ","
		}
		s += api.ValueTypeName(valueType(f.params[k]))
	}
	return s + ") -> i32"
}
