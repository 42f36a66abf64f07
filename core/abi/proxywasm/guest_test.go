package proxywasm_test

import (
	"fmt"
	"strings"

	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// script is a guest being written: for each callback, the host functions that
// it calls. What they answer it logs, a line each:
//
//	get_header_map_value=0 a.example
//
// A Wasm module of a few hundred bytes, so that every test has its own.
type script struct {
	marker    string
	shapes    map[string]string // of callbacks that are not as in signatures
	callbacks []callback
	extra     func(m *Module) // further imports
	exports   func(m *Module) // further functions
	imports   map[string]uint32
	data      []byte
	malloc    string // the allocator's name, "" for none
	mallocBy  Code   // its body instead of a bump allocator
	trace     bool   // log each callback with its arguments
}

type callback struct {
	name, sig string
	steps     []step
}

// step is code within a callback.
type step interface{ emit(s *script) Code }

type stepFunc func(s *script) Code

func (f stepFunc) emit(s *script) Code { return f(s) }

// Where things lie in the guest's memory.
const (
	cellData, cellSize = 16, 20 // out pointers of bytes
	cellWord           = 24
	cellLong           = 32
	hexDigits          = 48
	saved              = 512 // cells that outlive the callback
	dataAt             = 1024
	lineAt             = 48 << 10
	heapAt             = 64 << 10
	heapEnd            = 512 << 10
)

// The signatures of callbacks.
var signatures = map[string]string{
	"on_context_create": "ii", "on_vm_start": "ii:i", "on_configure": "ii:i", "on_tick": "i", "on_queue_ready": "ii",
	"on_http_call_response": "iiiii", "on_foreign_function": "iii",
	"on_grpc_receive_initial_metadata": "iii", "on_grpc_receive": "iii", "on_grpc_receive_trailing_metadata": "iii", "on_grpc_close": "iii",
	"on_request_headers": "iii:i", "on_request_body": "iii:i", "on_request_trailers": "ii:i",
	"on_response_headers": "iii:i", "on_response_body": "iii:i", "on_response_trailers": "ii:i",
	"on_new_connection": "i:i", "on_downstream_data": "iii:i", "on_upstream_data": "iii:i",
	"on_downstream_connection_close": "ii", "on_upstream_connection_close": "ii",
	"on_done": "i:i", "on_log": "i", "on_delete": "i",
}

func newScript() *script {
	return &script{marker: "proxy_abi_version_0_2_1", malloc: "malloc", imports: map[string]uint32{}}
}

// on adds a callback. Those with a result answer 0, on_vm_start, on_configure
// and on_done 1, unless a step returns something else.
func (s *script) on(name string, steps ...step) *script {
	sig, ok := s.shapes[name]
	if !ok {
		sig = signatures[name]
	}
	s.callbacks = append(s.callbacks, callback{name, sig, steps})
	return s
}

// oldScript is a guest of 0.1.0.
func oldScript() *script {
	s := newScript()
	s.marker = "proxy_abi_version_0_1_0"
	s.shapes = map[string]string{"on_request_headers": "ii:i", "on_response_headers": "ii:i"}
	return s
}

// Arguments of host functions beside numbers and strings (which become an
// address and a length).
type (
	outBytes struct{} // two pointers; shown as text
	outHex   struct{} // two pointers; shown in hexadecimal
	outWord  struct{} // a pointer; shown as a number
	outLong  struct{} // a pointer to 8 bytes; shown as a number
	cell     int      // the value of a saved cell
	param    int      // a parameter of the callback
)

// call calls a host function and logs its status.
func call(name string, args ...any) step {
	return stepFunc(func(s *script) Code {
		f, ok := s.imports[name]
		if !ok {
			panic("host function " + name + " is not imported")
		}
		code := Seq(s.clearCells())
		var shown Code
		for _, a := range args {
			switch a := a.(type) {
			case int:
				code = Seq(code, I32(int32(a)))
			case uint32:
				code = Seq(code, I32(int32(a)))
			case int64:
				code = Seq(code, I64(a))
			case string:
				code = Seq(code, s.text(a))
			case outBytes:
				code = Seq(code, I32(cellData), I32(cellSize))
				shown = Seq(shown, s.space(), I32(cellData), Load32(0), I32(cellSize), Load32(0), s.local("put"))
			case outHex:
				code = Seq(code, I32(cellData), I32(cellSize))
				shown = Seq(shown, s.space(), I32(cellData), Load32(0), I32(cellSize), Load32(0), s.local("hex"))
			case outWord:
				code = Seq(code, I32(cellWord))
				shown = Seq(shown, s.space(), I32(cellWord), Load32(0), s.local("dec"))
			case outLong:
				code = Seq(code, I32(cellLong))
				shown = Seq(shown, s.space(), I32(cellLong), Load32(0), s.local("dec"))
			case cell:
				code = Seq(code, I32(saved+4*int32(a)), Load32(0))
			case param:
				code = Seq(code, Get(uint32(a)))
			default:
				panic(fmt.Sprintf("argument of type %T", a))
			}
		}
		label := strings.TrimPrefix(name, "proxy_") + "="
		return Seq(s.text(label), s.local("put"), code, Call(f), s.local("dec"), shown, s.local("flush"))
	})
}

// quiet calls a host function and drops its status.
func quiet(name string, args ...any) step {
	return stepFunc(func(s *script) Code {
		var code Code
		for _, a := range args {
			switch a := a.(type) {
			case int:
				code = Seq(code, I32(int32(a)))
			case string:
				code = Seq(code, s.text(a))
			case cell:
				code = Seq(code, I32(saved+4*int32(a)), Load32(0))
			case outBytes:
				code = Seq(code, I32(cellData), I32(cellSize))
			case outWord:
				code = Seq(code, I32(cellWord))
			}
		}
		return Seq(code, Call(s.imports[name]), Drop)
	})
}

// say logs a text.
func say(t string) step {
	return stepFunc(func(s *script) Code { return Seq(s.text(t), s.local("put"), s.local("flush")) })
}

// ret answers a value.
func ret(v int32) step {
	return stepFunc(func(*script) Code { return Seq(I32(v), Return) })
}

// trap ends the instance.
var trap step = stepFunc(func(*script) Code { return Unreachable })

// spin never ends by itself.
var spin step = stepFunc(func(*script) Code { return Loop(Br(0)) })

// save keeps a parameter of the callback in a cell.
func save(c cell, p param) step {
	return stepFunc(func(*script) Code { return Seq(I32(saved+4*int32(c)), Get(uint32(p)), Store32(0)) })
}

// when runs steps where a parameter has a value.
func when(p param, v int32, steps ...step) step {
	return stepFunc(func(s *script) Code { return Seq(Get(uint32(p)), I32(v), Eq32, If(s.all(steps))) })
}

// unless runs steps where a cell is not v.
func unless(c cell, v int32, steps ...step) step {
	return stepFunc(func(s *script) Code {
		return Seq(I32(saved+4*int32(c)), Load32(0), I32(v), Ne32, If(s.all(steps)))
	})
}

// count adds one to a cell.
func count(c cell) step {
	return stepFunc(func(*script) Code {
		at := saved + 4*int32(c)
		return Seq(I32(at), I32(at), Load32(0), I32(1), Add32, Store32(0))
	})
}

func (s *script) all(steps []step) Code {
	var c Code
	for _, st := range steps {
		c = Seq(c, st.emit(s))
	}
	return c
}

// text pushes the address and length of a string in the data.
func (s *script) text(t string) Code {
	at := len(s.data)
	if i := strings.Index(string(s.data), t); i >= 0 {
		at = i
	} else {
		s.data = append(s.data, t...)
	}
	return Seq(I32(dataAt+int32(at)), I32(int32(len(t))))
}

func (s *script) clearCells() Code {
	return Seq(I32(cellData), I64(0), Store64(0), I32(cellWord), I64(0), Store64(0), I32(cellLong), I64(0), Store64(0))
}

func (s *script) space() Code { return Seq(I32(' '), s.local("putc")) }

func (s *script) local(name string) Code { return Call(s.imports["."+name]) }

// bytes is the module.
func (s *script) bytes() []byte {
	m := New()
	for _, f := range hostFunctions {
		s.imports[f.name] = m.Import("env", f.name, f.params+":i")
	}
	if s.extra != nil {
		s.extra(m)
	}
	m.Memory(16, 0)
	s.runtime(m)
	if s.marker != "" {
		m.Func(s.marker, "")
	}
	for _, c := range s.callbacks {
		body := s.all(c.steps)
		if s.trace {
			body = Seq(s.traced(c), body)
		}
		if strings.HasSuffix(c.sig, ":i") {
			v := int32(0)
			switch c.name {
			case "on_vm_start", "on_configure", "on_done":
				v = 1
			}
			body = Seq(body, I32(v))
		}
		m.Func("proxy_"+c.name, c.sig, body)
	}
	if s.exports != nil {
		s.exports(m)
	}
	m.Data(hexDigits, []byte("0123456789abcdef"))
	if len(s.data) > lineAt-dataAt {
		panic("too much text")
	}
	m.Data(dataAt, s.data)
	return m.Bytes()
}

// traced logs a callback with its parameters: "on_log(2)".
func (s *script) traced(c callback) Code {
	code := Seq(s.text(c.name+"("), s.local("put"))
	params, _, _ := strings.Cut(c.sig, ":")
	for i := range params {
		if i > 0 {
			code = Seq(code, I32(','), s.local("putc"))
		}
		code = Seq(code, Get(uint32(i)), s.local("dec"))
	}
	return Seq(code, I32(')'), s.local("putc"), s.local("flush"))
}

// runtime are the guest's own functions: its line, and its allocator.
func (s *script) runtime(m *Module) {
	length, heap := m.Global('i', 0), m.Global('i', heapAt)
	end := Seq(I32(lineAt), GlobalGet(length), Add32)
	s.imports[".putc"] = m.Func("", "i",
		end, Get(0), Store8(0), GlobalGet(length), I32(1), Add32, GlobalSet(length))
	s.imports[".put"] = m.Func("", "ii",
		I32(8000), Get(1), LtU32, If(I32(8000), Set(1)),
		end, Get(0), Get(1), MemoryCopy, GlobalGet(length), Get(1), Add32, GlobalSet(length))
	dec := m.NextFunc()
	s.imports[".dec"] = m.Func("", "i",
		I32(9), Get(0), LtU32, If(Get(0), I32(10), DivU32, Call(dec)),
		Get(0), Get(0), I32(10), DivU32, I32(10), Mul32, Sub32, I32('0'), Add32, s.local("putc"))
	nibble := func(v Code) Code { return Seq(v, I32(hexDigits), Add32, Load8(0), s.local("putc")) }
	s.imports[".hex"] = m.Func("", "ii",
		Loop(Get(1), If(
			nibble(Seq(Get(0), Load8(0), I32(16), DivU32)),
			nibble(Seq(Get(0), Load8(0), I32(15), And32)),
			Get(0), I32(1), Add32, Set(0), Get(1), I32(1), Sub32, Set(1), Br(1))))
	s.imports[".flush"] = m.Func("", "",
		I32(2), I32(lineAt), GlobalGet(length), Call(s.imports["proxy_log"]), Drop, I32(0), GlobalSet(length))
	deep := m.NextFunc()
	s.imports[".deep"] = m.Func("", "", Call(deep), Call(deep))
	if s.malloc == "" {
		return
	}
	body := s.mallocBy
	if body == nil {
		body = Seq(
			GlobalGet(heap), Get(0), Add32, I32(heapEnd), LtU32, Eqz32, If(I32(heapAt), GlobalSet(heap)),
			GlobalGet(heap),
			GlobalGet(heap), Get(0), Add32, I32(7), Add32, I32(-8), And32, GlobalSet(heap))
	}
	m.Func(s.malloc, "i:i", body)
}

// hostFunctions are those that a script can call, with their parameters.
var hostFunctions = []struct{ name, params string }{
	{"proxy_log", "iii"}, {"proxy_get_log_level", "i"}, {"proxy_get_current_time_nanoseconds", "i"}, {"proxy_get_status", "iii"},
	{"proxy_get_header_map_size", "ii"}, {"proxy_get_header_map_pairs", "iii"}, {"proxy_set_header_map_pairs", "iii"},
	{"proxy_get_header_map_value", "iiiii"}, {"proxy_add_header_map_value", "iiiii"},
	{"proxy_replace_header_map_value", "iiiii"}, {"proxy_remove_header_map_value", "iii"},
	{"proxy_get_buffer_bytes", "iiiii"}, {"proxy_get_buffer_status", "iii"}, {"proxy_set_buffer_bytes", "iiiii"},
	{"proxy_get_property", "iiii"}, {"proxy_set_property", "iiii"},
	{"proxy_send_local_response", "iiiiiiii"}, {"proxy_continue_stream", "i"}, {"proxy_close_stream", "i"},
	{"proxy_set_effective_context", "i"}, {"proxy_done", ""}, {"proxy_set_tick_period_milliseconds", "i"},
	{"proxy_http_call", "iiiiiiiiii"}, {"proxy_call_foreign_function", "iiiiii"},
	{"proxy_grpc_call", "iiiiiiiiiiii"}, {"proxy_grpc_stream", "iiiiiiiii"}, {"proxy_grpc_send", "iiii"}, {"proxy_grpc_close", "i"}, {"proxy_grpc_cancel", "i"},
	{"proxy_get_shared_data", "iiiii"}, {"proxy_set_shared_data", "iiiii"},
	{"proxy_register_shared_queue", "iii"}, {"proxy_resolve_shared_queue", "iiiii"},
	{"proxy_enqueue_shared_queue", "iii"}, {"proxy_dequeue_shared_queue", "iii"},
	{"proxy_define_metric", "iiii"}, {"proxy_record_metric", "iI"}, {"proxy_increment_metric", "iI"}, {"proxy_get_metric", "ii"},
	{"proxy_get_configuration", "ii"}, {"proxy_continue_request", ""}, {"proxy_continue_response", ""}, {"proxy_clear_route_cache", ""},
}

// callOwner remembers which context made the call whose id was just written,
// answerOwner makes that context the effective one, adds a header and goes on.
var (
	callOwner step = stepFunc(func(*script) Code {
		return Seq(ownerCell(Seq(I32(cellWord), Load32(0))), Get(0), Store32(0))
	})
	answerOwner step = stepFunc(func(s *script) Code {
		return Seq(ownerCell(Get(1)), Load32(0), Call(s.imports["proxy_set_effective_context"]), Drop,
			quiet("proxy_add_header_map_value", 0, "x-called", "1").emit(s),
			quiet("proxy_continue_stream", 0).emit(s))
	})
)

// ownerCell is the address of a call's entry in a table of 4096.
func ownerCell(id Code) Code {
	return Seq(id, I32(4095), And32, I32(4), Mul32, I32(heapEnd), Add32)
}
