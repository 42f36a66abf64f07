package httpwasm_test

import (
	"bytes"
	"fmt"

	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// guest is a module being written: what it calls while it starts, and in its two
// functions. What host functions answer it logs, a line each:
//
//	get_method=3 GET
type guest struct {
	start, request, response []step
	answer                   Code // of handle_request; nil: go on

	m       *Module
	imports map[string]uint32
	report  uint32
	data    []byte
	local   uint32 // the first local: an i32, and behind it an i64
}

// step is a call of a host function, or code of one's own.
type step struct {
	name string
	args []any // numbers, and strings, which become an address and a length
	out  shown
	room int // of the buffer
	code func(g *guest) Code
}

// shown is what of a call is logged.
type shown uint8

const (
	nothing  shown = iota
	number         // its result
	buffer         // its result, a length, and so much of the buffer
	strings_       // how many strings, and them
	piece          // how much was read, "!" at the end, and the bytes
)

func do(name string, args ...any) step  { return step{name: name, args: args} }
func ask(name string, args ...any) step { return step{name: name, args: args, out: number} }
func get(name string, args ...any) step { return step{name: name, args: args, out: buffer, room: 4096} }
func list(name string, args ...any) step {
	return step{name: name, args: args, out: strings_, room: 4096}
}
func read(kind, room int) step {
	return step{name: "read_body", args: []any{kind}, out: piece, room: room}
}

// within is s with a buffer of so many bytes.
func within(room int, s step) step {
	s.room = room
	return s
}

// say logs text.
func say(text string) step { return do("log", 0, text) }

// code is what no other step can say.
func code(c ...Code) step { return step{code: func(*guest) Code { return Seq(c...) }} }

// readAll reads a body to its end, in pieces.
func readAll(kind, room int) step {
	one := read(kind, room)
	return step{name: "read_body", code: func(g *guest) Code {
		return Loop(g.emit(one), Get(g.local+1), shift, Wrap, Eqz32, BrIf(0))
	}}
}

// params logs handle_response's parameters.
var params = step{code: func(g *guest) Code {
	return Seq(g.text("ctx="), Get(0), I32(0), I32(0), Call(g.report), g.text("is_error="), Get(1), I32(0), I32(0), Call(g.report))
}}

// peek logs the first bytes of the buffer.
func peek(n int) step {
	return step{code: func(g *guest) Code {
		return Seq(g.text("peek="), I32(int32(n)), I32(bufferAt), I32(int32(n)), Call(g.report))
	}}
}

// next and done are handle_request's answers.
func next(ctx uint32) Code { return I64(int64(ctx)<<32 | 1) }
func done() Code           { return I64(0) }

// Instructions that wasmtest does not name.
var (
	shift     = Seq(I64(32), Code{0x88}) // the upper half
	shiftLeft = Code{0x86}               // of i64
	atMost    = Code{0x4d}               // unsigned, of i32
	storing   = Store8(0)
)

// Where things lie in the guest's memory.
const (
	digitsEnd = 64
	dataAt    = 1024
	bufferAt  = 32 << 10
	lineAt    = 128 << 10
)

// bytes is the module.
func (g *guest) bytes() []byte {
	g.m, g.imports = New(), map[string]uint32{}
	g.data = nil
	use := func(name string) {
		if _, there := g.imports[name]; !there && name != "" {
			g.imports[name] = g.m.Import("http_handler", name, signatures[name])
		}
	}
	use("log")
	for _, steps := range [][]step{g.start, g.request, g.response} {
		for _, s := range steps {
			use(s.name)
		}
	}
	g.m.Memory(4, 0)
	g.m.Global('i', 0)
	g.report = g.reporter()
	g.local = 0
	if g.start != nil {
		g.m.Start(g.m.FuncLocals("", "", "iI", g.all(g.start)))
	}
	answer := g.answer
	if answer == nil {
		answer = next(0)
	}
	g.m.FuncLocals("handle_request", ":I", "iI", g.all(g.request), answer)
	g.local = 2
	g.m.FuncLocals("handle_response", "ii", "iI", g.all(g.response))
	g.m.Data(dataAt, g.data)
	return g.m.Bytes()
}

func (g *guest) all(steps []step) (c Code) {
	for _, s := range steps {
		c = Seq(c, g.emit(s))
	}
	return c
}

// text is a string's address and length.
func (g *guest) text(s string) Code {
	at := bytes.Index(g.data, []byte(s))
	if at < 0 {
		at = len(g.data)
		g.data = append(g.data, s...)
	}
	at += dataAt
	return Seq(I32(int32(at)), I32(int32(len(s))))
}

func (g *guest) emit(s step) Code {
	if s.code != nil {
		return s.code(g)
	}
	var c Code
	for _, a := range s.args {
		switch a := a.(type) {
		case int:
			c = Seq(c, I32(int32(a)))
		case string:
			c = Seq(c, g.text(a))
		case Code:
			c = Seq(c, a)
		default:
			panic(fmt.Sprintf("argument of type %T", a))
		}
	}
	if s.out >= buffer {
		c = Seq(c, I32(bufferAt), I32(int32(s.room)))
	}
	c = Seq(c, Call(g.imports[s.name]))
	label := g.text(s.name + "=")
	n, long := g.local, g.local+1
	fitting := Seq(Get(n), Get(n), I32(int32(s.room)), atMost, Mul32) // 0 if it did not fit
	switch s.out {
	case number:
		return Seq(c, Set(n), label, Get(n), I32(0), I32(0), Call(g.report))
	case buffer:
		return Seq(c, Set(n), label, Get(n), I32(bufferAt), fitting, Call(g.report))
	case strings_:
		return Seq(c, Tee(long), Wrap, Set(n), label, Get(long), shift, Wrap, I32(bufferAt), fitting, Call(g.report))
	case piece:
		return Seq(c, Tee(long), Wrap, Set(n),
			I32(bufferAt), Get(n), Add32, I32('!'), storing, // in case it is the end
			label, Get(n), I32(bufferAt), Get(n), Get(long), shift, Wrap, Add32, Call(g.report))
	}
	return c
}

// reporter logs a label, a number and text.
func (g *guest) reporter() uint32 {
	const label, labelLen, value, text, textLen, at = 0, 1, 2, 3, 4, 5
	end := Seq(Get(labelLen), I32(lineAt+digitsEnd), Add32, Get(at), Sub32) // of label and number
	return g.m.FuncLocals("", "iiiii", "i",
		I32(digitsEnd), Set(at),
		Loop(
			Get(at), I32(1), Sub32, Tee(at),
			Get(value), Get(value), I32(10), DivU32, I32(10), Mul32, Sub32, I32('0'), Add32, storing,
			Get(value), I32(10), DivU32, Tee(value), BrIf(0),
		),
		I32(lineAt), Get(label), Get(labelLen), MemoryCopy,
		I32(lineAt), Get(labelLen), Add32, Get(at), I32(digitsEnd), Get(at), Sub32, MemoryCopy,
		end, I32(' '), storing,
		end, I32(1), Add32, Get(text), Get(textLen), MemoryCopy,
		I32(0), I32(lineAt), end, I32(1), Add32, Get(textLen), Add32, I32(lineAt), Sub32, Call(g.imports["log"]),
	)
}

// signatures are the ABI's functions as modules import them.
var signatures = map[string]string{
	"enable_features": "i:i", "get_config": "ii:i", "log_enabled": "i:i", "log": "iii",
	"get_method": "ii:i", "set_method": "ii", "get_uri": "ii:i", "set_uri": "ii",
	"get_protocol_version": "ii:i", "get_source_addr": "ii:i",
	"get_header_names": "iii:I", "get_header_values": "iiiii:I",
	"set_header_value": "iiiii", "add_header_value": "iiiii", "remove_header": "iii",
	"read_body": "iii:I", "write_body": "iii", "get_status_code": ":i", "set_status_code": "i",
}

// imported is no code, but has a function imported.
func imported(name string) step {
	return step{name: name, code: func(*guest) Code { return nil }}
}

// uses has imported what the steps call.
func uses(steps []step) (none []step) {
	for _, s := range append(steps, do("get_header_values")) {
		none = append(none, imported(s.name))
	}
	return none
}
