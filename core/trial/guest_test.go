package trial_test

import (
	"encoding/binary"

	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// guest is a Proxy-Wasm module being written.
type guest struct {
	*Module
	host map[string]uint32
	data []byte
}

// Where its memory is: texts from here on, words that host functions write
// below, what they allocate far above.
const (
	dataAt = 1024
	wordAt = 16
	saveAt = 512
	heapAt = 64 << 10
)

// hostFunctions are those that the guests call.
var hostFunctions = map[string]string{
	"proxy_log": "iii:i", "proxy_add_header_map_value": "iiiii:i", "proxy_set_tick_period_milliseconds": "i:i",
	"proxy_set_effective_context": "i:i", "proxy_continue_stream": "i:i", "proxy_http_call": "iiiiiiiiii:i",
	"proxy_define_metric": "iiii:i", "proxy_increment_metric": "iI:i", "proxy_set_shared_data": "iiiii:i",
	"proxy_set_property": "iiii:i", "proxy_send_local_response": "iiiiiiii:i", "proxy_set_buffer_bytes": "iiiii:i",
	"proxy_get_current_time_nanoseconds": "i:i",
}

func newGuest() *guest {
	g := &guest{Module: New(), host: map[string]uint32{}}
	for name, sig := range hostFunctions {
		g.host[name] = g.Import("env", name, sig)
	}
	g.host["clock_time_get"] = g.Import("wasi_snapshot_preview1", "clock_time_get", "iIi:i")
	g.Memory(4, 16)
	heap := g.Global('i', heapAt)
	g.Func("proxy_abi_version_0_2_1", "")
	g.Func("malloc", "i:i", GlobalGet(heap), GlobalGet(heap), Get(0), Add32, GlobalSet(heap))
	g.Func("proxy_on_context_create", "ii")
	return g
}

// text is a constant's address and length.
func (g *guest) text(s string) Code {
	at := dataAt + len(g.data)
	g.data = append(g.data, s...)
	return Seq(I32(int32(at)), I32(int32(len(s))))
}

// pairs is a list of header fields.
func (g *guest) pairs(list ...string) Code {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(list)/2))
	for _, s := range list {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(s)))
	}
	for _, s := range list {
		b = append(append(b, s...), 0)
	}
	return g.text(string(b))
}

// call calls a host function and drops its status.
func (g *guest) call(name string, args ...Code) Code {
	return Seq(Seq(args...), Call(g.host[name]), Drop)
}

func (g *guest) log(level int32, s string) Code { return g.call("proxy_log", I32(level), g.text(s)) }

func (g *guest) add(where int32, name, value string) Code {
	return g.call("proxy_add_header_map_value", I32(where), g.text(name), g.text(value))
}

func (g *guest) bytes() []byte {
	g.Data(dataAt, g.data)
	return g.Bytes()
}

// The maps, and the answers of callbacks.
const (
	requestHeaders  = 0
	responseHeaders = 2
	goOn            = 0
	pause           = 1
)

// guests are the modules that the files of testdata name.
var guests = map[string]func() []byte{
	"hello": func() []byte { // adds fields, logs, counts, stores
		g := newGuest()
		g.Func("proxy_on_configure", "ii:i", g.log(2, "configured"), g.call("proxy_define_metric", I32(0), g.text("hello.seen"), I32(saveAt)), I32(1))
		g.Func("proxy_on_request_headers", "iii:i",
			g.add(requestHeaders, "x-hello", "one"), g.add(requestHeaders, "x-hello", "two"),
			g.log(3, "a request came"), g.call("proxy_increment_metric", I32(saveAt), Load32(0), I64(2)),
			g.call("proxy_set_shared_data", g.text("last"), g.text("value"), I32(0)),
			g.call("proxy_set_property", g.text("house\x00name"), g.text("ann")), I32(goOn))
		g.Func("proxy_on_response_headers", "iii:i", g.add(responseHeaders, "x-bye", "now"), I32(goOn))
		return g.bytes()
	},
	"ticker": func() []byte { // pauses a request until its timer of a second
		g := newGuest()
		g.Func("proxy_on_configure", "ii:i", g.call("proxy_set_tick_period_milliseconds", I32(1000)), I32(1))
		g.Func("proxy_on_request_headers", "iii:i", I32(saveAt), Get(0), Store32(0), I32(pause))
		g.Func("proxy_on_tick", "i", g.log(1, "tick"), I32(saveAt), Load32(0), If(
			g.call("proxy_set_effective_context", I32(saveAt), Load32(0)), g.call("proxy_continue_stream", I32(0)),
			I32(saveAt), I32(0), Store32(0)))
		return g.bytes()
	},
	"caller": func() []byte { // asks a cluster, and lets a request pass when that answers
		g := newGuest()
		g.Func("proxy_on_request_headers", "iii:i", I32(saveAt), Get(0), Store32(0),
			g.call("proxy_http_call", g.text("auth"), g.pairs(":method", "POST", ":path", "/check", ":authority", "auth.internal"),
				g.text("who"), I32(0), I32(0), I32(3000), I32(wordAt)), I32(pause))
		g.Func("proxy_on_http_call_response", "iiiii", g.log(2, "answered"),
			g.call("proxy_set_effective_context", I32(saveAt), Load32(0)), g.call("proxy_continue_stream", I32(0)))
		return g.bytes()
	},
	"again": func() []byte { // asks a cluster again whenever it answers, for ever
		g := newGuest()
		ask := g.call("proxy_http_call", g.text("auth"), g.pairs(":method", "GET", ":path", "/", ":authority", "a"),
			I32(0), I32(0), I32(0), I32(0), I32(3000), I32(wordAt))
		g.Func("proxy_on_request_headers", "iii:i", ask, I32(pause))
		g.Func("proxy_on_http_call_response", "iiiii", ask)
		return g.bytes()
	},
	"deny": func() []byte { // answers by itself
		g := newGuest()
		g.Func("proxy_on_request_headers", "iii:i",
			g.call("proxy_send_local_response", I32(403), g.text("not today"), g.text("go away"), g.pairs("x-why", "because"), I32(-1)), I32(goOn))
		return g.bytes()
	},
	"trap": func() []byte {
		g := newGuest()
		g.Func("proxy_on_request_headers", "iii:i", g.log(4, "about to fail"), Unreachable)
		return g.bytes()
	},
	"body": func() []byte { // replaces each piece of a body
		g := newGuest()
		g.Func("proxy_on_request_body", "iii:i", g.call("proxy_set_buffer_bytes", I32(0), I32(0), Get(1), g.text("piece;")), I32(goOn))
		return g.bytes()
	},
	"clock": func() []byte { // keeps the time as the host, the wall clock and the monotonic one tell it
		g := newGuest()
		keep := func(name string) Code {
			return g.call("proxy_set_shared_data", g.text(name), I32(wordAt), I32(8), I32(0))
		}
		g.Func("proxy_on_request_headers", "iii:i",
			g.call("proxy_get_current_time_nanoseconds", I32(wordAt)), keep("host"),
			g.call("clock_time_get", I32(0), I64(1), I32(wordAt)), keep("wall"),
			g.call("clock_time_get", I32(1), I64(1), I32(wordAt)), keep("monotonic"), I32(goOn))
		return g.bytes()
	},
	"silent": func() []byte { // pauses for good
		g := newGuest()
		g.Func("proxy_on_request_headers", "iii:i", I32(pause))
		return g.bytes()
	},
	"refuse": func() []byte {
		g := newGuest()
		g.Func("proxy_on_configure", "ii:i", g.log(4, "no such colour"), I32(0))
		return g.bytes()
	},
	"endless": func() []byte { // never ends its start
		g := newGuest()
		g.Func("_initialize", "", Loop(Br(0)))
		return g.bytes()
	},
	"garbage": func() []byte { return []byte("\x00asm\x01\x00\x00\x00\xff\xff") },
}
