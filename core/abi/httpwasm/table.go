package httpwasm

import (
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/wasm"
)

// hostModule is the module that guests import the ABI's functions from.
const hostModule = "http_handler"

// function is a host function: its arguments are in a, unmasked.
type function struct {
	name    string
	params  string // a letter each: i is an i32
	results string // the same; I is an i64
	early   bool   // may be called while the module starts
	run     func(i *instance, a []uint64) uint64
}

// table holds every function of the ABI. README.md lists the same, which a
// test checks.
var table = []function{
	{"enable_features", "i", "i", true, (*instance).enableFeatures},
	{"get_config", "ii", "i", true, (*instance).getConfig},
	{"log_enabled", "i", "i", true, (*instance).logEnabled},
	{"log", "iii", "", true, (*instance).logLine},

	{"get_method", "ii", "i", false, (*instance).getMethod},
	{"set_method", "ii", "", false, (*instance).setMethod},
	{"get_uri", "ii", "i", false, (*instance).getURI},
	{"set_uri", "ii", "", false, (*instance).setURI},
	{"get_protocol_version", "ii", "i", false, (*instance).getProtocolVersion},
	{"get_source_addr", "ii", "i", false, (*instance).getSourceAddr},

	{"get_header_names", "iii", "I", false, (*instance).getHeaderNames},
	{"get_header_values", "iiiii", "I", false, (*instance).getHeaderValues},
	{"set_header_value", "iiiii", "", false, (*instance).setHeaderValue},
	{"add_header_value", "iiiii", "", false, (*instance).addHeaderValue},
	{"remove_header", "iii", "", false, (*instance).removeHeader},

	{"read_body", "iii", "I", false, (*instance).readBody},
	{"write_body", "iii", "", false, (*instance).writeBody},

	{"get_status_code", "", "i", false, (*instance).getStatusCode},
	{"set_status_code", "i", "", false, (*instance).setStatusCode},
}

// functions finds a row by name.
var functions = func() map[string]*function {
	m := make(map[string]*function, len(table))
	for i := range table {
		m[table[i].name] = &table[i]
	}
	return m
}()

// resolve is the wasm.Resolver of the filter's module. stub is told of what is
// not known, once each: AssemblyScript's env.abort, and what a newer ABI has.
func (f *Filter) resolve(module, name string, params, results []api.ValueType, stub func(name string)) (wasm.Func, error) {
	if module != hostModule && module != "env" {
		return nil, nil
	}
	fn := functions[name]
	if fn == nil || module != hostModule {
		name = module + "." + name
		stub(name)
		return func(*wasm.Instance, []uint64) { trap("%s called, which this host does not have", name) }, nil
	}
	if spell(params) != fn.params || spell(results) != fn.results {
		return nil, fmt.Errorf("the module declares another signature than %s", fn.signature())
	}
	return func(in *wasm.Instance, a []uint64) {
		i := f.instance(in)
		if i.part == nil && !fn.early {
			trap("%s called while no request is handled", fn.name)
		}
		if r := fn.run(i, a); fn.results != "" {
			a[0] = r
		}
	}, nil
}

// trap ends the instance whose host function runs: the ABI has no other way to
// say that something is wrong.
func trap(format string, args ...any) {
	panic(&wasm.Trap{Kind: fault.GuestTrap, Reason: fmt.Sprintf(format, args...)})
}

// spell is a list of types in the table's letters.
func spell(types []api.ValueType) string {
	b := make([]byte, len(types))
	for k, t := range types {
		switch t {
		case api.ValueTypeI32:
			b[k] = 'i'
		case api.ValueTypeI64:
			b[k] = 'I'
		default:
			b[k] = '?'
		}
	}
	return string(b)
}

// signature is the function's type as the README has it.
func (f *function) signature() string {
	s := "("
	for k := range f.params {
		if k > 0 {
			s += ","
		}
		s += "i32"
	}
	switch f.results {
	case "i":
		return s + ") -> i32"
	case "I":
		return s + ") -> i64"
	}
	return s + ")"
}
