package server_test

import (
	"bytes"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// misdeed is what a bad guest does; f are the functions it can call.
type misdeed func(f *functions) Code

// trap ends the instance at once.
func trap(*functions) Code { return Unreachable }

// functions are what bad guests import, and one of their own.
type functions struct {
	get, add, call, tick, log, now uint32
	deep                           uint32
	text                           func(s string) Code // address and size of a text
}

// bad writes a module that does its misdeed in one callback ("request_body"),
// of streams whose request has a field x-boom; with an x-arm it is the next
// stream's context_create, or the timer's tick. Else it leaves "guest" in
// x-there of requests.
func bad(t *testing.T, in string, do misdeed) (path string) {
	t.Helper()
	const (
		result     = 16 // where the host writes, and of what size
		heap       = 8 << 10
		pause      = 1
		requestMap = 0
	)
	m := New()
	f := &functions{
		get:  m.Import("env", "proxy_get_header_map_value", "iiiii:i"),
		add:  m.Import("env", "proxy_add_header_map_value", "iiiii:i"),
		call: m.Import("env", "proxy_http_call", "iiiiiiiiii:i"),
		tick: m.Import("env", "proxy_set_tick_period_milliseconds", "i:i"),
		log:  m.Import("env", "proxy_log", "iii:i"),
		now:  m.Import("env", "proxy_get_current_time_nanoseconds", "i:i"),
	}
	m.Memory(2, 0)
	at := uint32(512)
	f.text = func(s string) Code {
		m.Data(at, []byte(s))
		code := Seq(I32(int32(at)), I32(int32(len(s))))
		at += uint32(len(s))
		return code
	}
	boom, armed := m.Global('i', -1), m.Global('i', 0)
	f.deep = m.NextFunc()
	m.Func("", "i:i", Get(0), Call(f.deep), I32(1), Add32)
	m.Table(f.deep)

	has := func(name string) Code {
		return Seq(I32(requestMap), f.text(name), I32(result), I32(result+4), Call(f.get), Eqz32)
	}
	// here does it in the callback of that name, for the stream that asked.
	here := func(name string) Code {
		if name != in {
			return nil
		}
		return Seq(Get(0), GlobalGet(boom), Eq32, If(do(f)))
	}
	always := func(name string) Code {
		if name != in {
			return nil
		}
		return do(f)
	}
	m.Func("proxy_abi_version_0_2_1", "")
	m.Func("malloc", "i:i", I32(heap))
	m.Func("proxy_on_vm_start", "ii:i", always("vm_start"), I32(1))
	m.Func("proxy_on_configure", "ii:i", always("configure"), I32(1))
	create := Code(nil)
	if in == "context_create" {
		create = Seq(GlobalGet(armed), If(do(f)))
	}
	m.Func("proxy_on_context_create", "ii", create)
	ask := Code(nil)
	if in == "http_call_response" {
		ask = Seq(GlobalGet(boom), Get(0), Eq32, If(
			f.text("up"),
			f.text("\x03\x00\x00\x00\x07\x00\x00\x00\x03\x00\x00\x00\x05\x00\x00\x00\x01\x00\x00\x00\x0a\x00\x00\x00\x01\x00\x00\x00"+
				":method\x00GET\x00:path\x00/\x00:authority\x00a\x00"),
			I32(0), I32(0), I32(0), I32(0), I32(5000), I32(result), Call(f.call), Drop, I32(pause), Return))
	}
	arm := Code(nil)
	if in == "tick" {
		arm = Seq(I32(10), Call(f.tick), Drop)
	}
	m.Func("proxy_on_request_headers", "iii:i",
		has("x-boom"), If(Get(0), GlobalSet(boom)),
		has("x-arm"), If(I32(1), GlobalSet(armed), arm),
		here("request_headers"), ask,
		I32(requestMap), f.text("x-there"), f.text("guest"), Call(f.add), Drop,
		I32(0))
	for _, name := range []string{"request_body", "response_headers", "response_body"} {
		m.Func("proxy_on_"+name, "iii:i", here(name), I32(0))
	}
	for _, name := range []string{"request_trailers", "response_trailers"} {
		m.Func("proxy_on_"+name, "ii:i", here(name), I32(0))
	}
	m.Func("proxy_on_log", "i", here("log"))
	m.Func("proxy_on_done", "i:i", here("done"), I32(1))
	m.Func("proxy_on_delete", "i", here("delete"))
	if in == "tick" {
		m.Func("proxy_on_tick", "i", do(f))
	}
	if in == "http_call_response" {
		m.Func("proxy_on_http_call_response", "iiiii", do(f))
	}
	// The table's size is written as its bound too; without that it can grow.
	bounded, open := []byte{4, 5, 1, 0x70, 1, 1, 1}, []byte{4, 4, 1, 0x70, 0, 1}
	code := m.Bytes()
	if bytes.Count(code, bounded) != 1 {
		t.Fatal("the table's section is not where it was")
	}
	return coretest.Module(t, bytes.Replace(code, bounded, open, 1))
}

// Bombs.
func endless(*functions) Code { return Loop(Br(0)) }

func recursing(f *functions) Code { return Seq(I32(0), Call(f.deep), Drop) }

// growing takes all memory it gets, and writes to the end of it.
func growing(*functions) Code {
	return Loop(I32(16), MemoryGrow, Drop,
		MemorySize, I32(64<<10), Mul32, I32(4), Sub32, I32(7), Store32(0), Br(0))
}

// filling writes to all memory there may be, again and again.
func filling(*functions) Code {
	return Loop(I32(16), MemoryGrow, Drop, I32(64<<10), I32(7), MemorySize, I32(1), Sub32, I32(64<<10), Mul32, MemoryFill, Br(0))
}

// tabling makes the table longer, as far as it gets.
func tabling(*functions) Code {
	refNull, tableGrow := Code{0xd0, 0x70}, Code{0xfc, 0x0f, 0}
	return Loop(refNull, I32(1_000_000), tableGrow, Drop, Br(0))
}

// calling is nothing but host calls.
func calling(f *functions) Code { return Loop(I32(24), Call(f.now), Drop, Br(0)) }

func logging(f *functions) Code {
	return Loop(I32(2), f.text("a line of a storm"), Call(f.log), Drop, Br(0))
}

// heading adds 40 KiB to the head, again and again.
func heading(f *functions) Code {
	return Loop(I32(0), f.text("x-large"), I32(16<<10), I32(40<<10), Call(f.add), Drop, Br(0))
}
