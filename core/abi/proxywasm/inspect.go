package proxywasm

import (
	"slices"
	"strings"

	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/wasm"
	"github.com/weirproxy/weir/core/wasm/meter"
)

// Inspection is what this host makes of a module.
type Inspection struct {
	*wasm.Inspection
	Phases filter.Phases
	// Connections are the callbacks of connections that it has.
	Connections []string
	Stubs       []string // imported functions of "env" that answer UNIMPLEMENTED
	// Breaches are what keeps the module from being one of this ABI, beside the
	// Problems that would be any module's.
	Breaches []error
}

// Inspect is what loading a module would find out, without running any of it.
// s needs no Resolve.
func Inspect(e *wasm.Engine, s wasm.Source) *Inspection {
	in := &Inspection{}
	s.Resolve = func(module, name string, params, results []api.ValueType) (wasm.Func, error) {
		return resolve(module, name, params, results, func(name string) { in.Stubs = append(in.Stubs, name) })
	}
	in.Inspection = e.Inspect(s)
	slices.Sort(in.Stubs)
	for _, e := range in.Info.Exports {
		if e.Kind != meter.KindFunction {
			continue
		}
		if c := callbackOf(common, e.Name); c != nil {
			in.Phases |= c.phase
		}
		if c := callbackOf(ofHTTP, e.Name); c != nil {
			in.Phases |= c.phase
		}
		if callbackOf(ofConnections, e.Name) != nil {
			in.Connections = append(in.Connections, strings.TrimPrefix(e.Name, "proxy_on_"))
		}
	}
	slices.Sort(in.Connections)
	if !in.Compiled() {
		return in
	}
	if _, err := checkVersion(in); err != nil {
		in.Breaches = append(in.Breaches, err)
	}
	if wrong, ok := checkExports(in).(problems); ok {
		in.Breaches = append(in.Breaches, wrong...)
	}
	return in
}

// callbackOf is the callback of that name in a list, nil for none.
func callbackOf(list []callback, name string) *callback {
	if i := slices.IndexFunc(list, func(c callback) bool { return c.name == name }); i >= 0 {
		return &list[i]
	}
	return nil
}

// exporter knows the types of a module's exported functions.
type exporter interface {
	Export(name string) (params, results []api.ValueType, ok bool)
}

// problems are several errors, told in one line.
type problems []error

func (p problems) Error() string {
	texts := make([]string, len(p))
	for i, err := range p {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap gives each to errors.As.
func (p problems) Unwrap() []error { return p }

// Role is what an export is to this host: "" for one that it does not look at.
func Role(export string) string {
	switch {
	case strings.HasPrefix(export, "proxy_abi_version_"):
		return "the version of the ABI"
	case slices.Contains(allocators[:], export):
		return "gives memory that the host writes to"
	case Starts(export):
		return "run at the start of an instance"
	case export == exportSDK:
		return "the guest is of Weir's SDK"
	}
	if callbackOf(ofConnections, export) != nil {
		return "callback of a connection"
	}
	switch c := callbackOf(exports, export); {
	case c == nil:
		return ""
	case c.phase != 0:
		return "phase " + strings.TrimPrefix(export, "proxy_on_")
	}
	return "callback"
}

// Starts says whether an export is one that the start of an instance may call.
func Starts(export string) bool {
	switch export {
	case "_initialize", "main", "__main_void", "_start":
		return true
	}
	return false
}

// needs say what a filter's table must have, or what bounds it, for functions
// of which that is more than the ABI says.
var needs = map[string]string{
	"proxy_log":                          "at most wasm.log_lines a second",
	"proxy_http_call":                    "the filter's calls must name the cluster; at most wasm.max_calls a stream in flight",
	"proxy_grpc_call":                    "the filter's calls must name the cluster",
	"proxy_grpc_stream":                  "the filter's calls must name the cluster",
	"proxy_call_foreign_function":        "which ones is known only when it runs; sdk/ABI.md lists those there are",
	"proxy_set_tick_period_milliseconds": "wasm.min_tick at least",
	"proxy_set_shared_data":              "wasm.shared_data bytes at most, of all filters of the VM",
	"proxy_define_metric":                "at most wasm.metric_series",
}

// Need is what importing a function of the module "env" needs of the
// configuration, "" for nothing. It is false for one that is a stub.
func Need(name string) (need string, known bool) {
	return needs[name], functions[name] != nil
}
