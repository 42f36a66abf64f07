package guest

import (
	"strings"

	//lint:ignore ST1001 instructions are to be read, not their package
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// Where things lie in the guest's memory.
const (
	cellData, cellSize = 16, 20 // out pointers of bytes
	cellWord           = 24
	cellLong           = 32
	lastData, lastSize = 40, 44 // what they held last
	lastWord           = 48
	lastStatus         = 52
	params             = 64
	hexDigits          = 96
	arguments          = 128     // of a host call, 8 bytes each
	namesAt            = 1024    // of callbacks and functions
	nothingAt          = 8 << 10 // zeros: the code of a context without a program
	contextsAt         = 16 << 10
	lineAt             = 64 << 10
	programsAt         = 128 << 10
	heapAt             = 1 << 20
	pages              = 48
	heapEnd            = pages * 64 << 10
)

// A program in memory: how many streams its filter has had, its cells, its
// code.
const (
	blockCells = 4
	blockCode  = blockCells + 4*Cells
)

// An entry of the table of contexts.
const (
	entryID      = 0
	entryProgram = 4 // 0 for none
	entryNumber  = 8 // of a stream among those of its filter, 0 for a root
	entrySize    = 12
)

// builder is the module while it is written. What is exported to the host
// comes last, the functions that it uses before it.
type builder struct {
	*Module
	host map[string]uint32 // imports
	own  map[string]uint32 // functions of the guest itself
	text map[string]int32  // where the names lie
	data []byte

	heap, programs, contexts, line, vmProgram uint32 // globals
}

// Binary is the guest's module, for version 0.2.1 of the ABI.
func Binary() []byte { return BinaryOf("0_2_1") }

// BinaryOf is the same guest for another version, "0_1_0" or "0_2_0": its callbacks
// have the types of 0.2.1.
func BinaryOf(version string) []byte {
	b := &builder{Module: New(), host: map[string]uint32{}, own: map[string]uint32{}, text: map[string]int32{}}
	for _, f := range functions {
		b.host[f.name] = b.Import("env", "proxy_"+f.name, f.params+":i")
	}
	b.Memory(pages, 0)
	b.heap, b.programs = b.Global('i', heapAt), b.Global('i', programsAt)
	b.contexts, b.line, b.vmProgram = b.Global('i', 0), b.Global('i', 0), b.Global('i', 0)
	b.Func("proxy_abi_version_"+version, "")
	b.allocator()
	b.lines()
	b.finding()
	b.loading()
	b.interpreter()
	for n, c := range callbacks {
		b.callback(n, c)
	}
	b.Data(hexDigits, []byte("0123456789abcdef"))
	b.Data(namesAt, b.data)
	return b.Bytes()
}

// call calls a function of the guest's.
func (b *builder) call(name string) Code { return Call(b.own[name]) }

// name pushes the address and the length of a text of ours.
func (b *builder) name(s string) Code {
	at, ok := b.text[s]
	if !ok {
		at = namesAt + int32(len(b.data))
		b.text[s] = at
		b.data = append(b.data, s...)
	}
	return Seq(I32(at), I32(int32(len(s))))
}

// say logs what is in the line, behind a text of ours.
func (b *builder) say(s string) Code { return Seq(b.name(s), b.call("put")) }

func word(at int32) Code { return Seq(I32(at), Load32(0)) }

// allocator gives memory in a ring: what was given is of use for as long as the
// callback lasts, which is all the interpreter needs.
func (b *builder) allocator() {
	next := Seq(GlobalGet(b.heap), Get(0), Add32)
	b.Func("malloc", "i:i",
		Get(0), I32(heapEnd-heapAt), LtU32, Eqz32, If(I32(0), Return),
		next, I32(heapEnd), LtU32, Eqz32, If(I32(heapAt), GlobalSet(b.heap)),
		GlobalGet(b.heap),
		next, I32(7), Add32, I32(-8), And32, GlobalSet(b.heap))
}

// callback exports one: it keeps the parameters, and runs its code.
func (b *builder) callback(n int, c callback) {
	kinds, result, _ := strings.Cut(c.sig, ":")
	var code Code
	for k := range kinds {
		code = Seq(code, I32(params+4*int32(k)), Get(uint32(k)), Store32(0))
	}
	switch c.name {
	case "context_create":
		code = Seq(code, Get(0), Get(1), b.call("create"))
	case "vm_start":
		code = Seq(code, Get(1), If(I32(6), Get(1), b.call("load"), GlobalSet(b.vmProgram),
			Get(0), GlobalGet(b.vmProgram), b.call("adopt")))
	case "configure":
		code = Seq(code, GlobalGet(b.vmProgram), Eqz32, If(Get(1), If(
			Get(0), I32(7), Get(1), b.call("load"), b.call("adopt"))),
			GlobalGet(b.vmProgram), If(Get(0), GlobalGet(b.vmProgram), b.call("adopt")))
	}
	trace := Seq(b.say(c.name+"(#"), Get(0), b.call("number"), b.call("dec"))
	for _, k := range c.shown {
		trace = Seq(trace, I32(','), b.call("putc"), Get(k), b.call("dec"))
	}
	trace = Seq(trace, I32(')'), b.call("putc"), b.call("flush"))
	code = Seq(code,
		Get(0), b.call("code"), Load32(0), I32(flagTrace), And32, If(trace),
		I32(4+4*int32(n)), I32(c.answer), b.call("run"))
	if result == "" {
		code = Seq(code, Drop)
	}
	if c.name == "delete" {
		code = Seq(code, Get(0), b.call("forget"))
	}
	b.Func("proxy_on_"+c.name, c.sig, code)
}
