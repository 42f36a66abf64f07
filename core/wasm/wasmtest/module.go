// Package wasmtest writes small Wasm modules for tests: just what a test needs
// to say, without a toolchain.
//
//	m := wasmtest.New()
//	log := m.Import("env", "log", "ii")           // two i32 and no result
//	m.Memory(1, 16)
//	m.Data(8, []byte("hello"))
//	m.Func("greet", "i:i",                        // exported; one i32, answers one
//		wasmtest.I32(8), wasmtest.I32(5), wasmtest.Call(log),
//		wasmtest.Get(0),
//	)
//	code := m.Bytes()
//
// A signature has a letter for each parameter, and after a colon one for each
// result: i and I for i32 and i64, f and F for f32 and f64.
//
// Start at [New]; code.go has the instructions.
package wasmtest

import (
	"fmt"
	"strings"
)

// Module is a module being written.
type Module struct {
	types    []string
	imports  []Code
	funcs    []Code // type indices
	bodies   []Code
	exports  []Code
	globals  []Code
	data     []Code
	elements []Code
	custom   []Code
	memory   Code
	table    Code
	start    Code
	imported uint32 // functions
}

// New begins an empty module.
func New() *Module { return &Module{} }

// Import adds a function import and answers its index. Imports come before functions.
func (m *Module) Import(module, name, sig string) uint32 {
	if len(m.funcs) > 0 {
		panic("wasmtest: an import after a function would renumber it")
	}
	m.imports = append(m.imports, Seq(text(module), text(name), Code{0}, unsigned(uint64(m.typeOf(sig)))))
	m.imported++
	return m.imported - 1
}

// Func adds a function and answers its index. It is exported unless its name
// is empty. Locals 0 and on are its parameters.
func (m *Module) Func(name, sig string, body ...Code) uint32 {
	return m.FuncLocals(name, sig, "", body...)
}

// FuncLocals is Func with further locals, a letter each.
func (m *Module) FuncLocals(name, sig, locals string, body ...Code) uint32 {
	index := m.NextFunc()
	m.funcs = append(m.funcs, unsigned(uint64(m.typeOf(sig))))
	decl := unsigned(uint64(len(locals)))
	for _, l := range locals {
		decl = Seq(decl, Code{1, valueType(l)})
	}
	m.bodies = append(m.bodies, sized(Seq(decl, Seq(body...), Code{0x0b})))
	if name != "" {
		m.Export(name, index)
	}
	return index
}

// NextFunc is the index the next function will have: for recursion.
func (m *Module) NextFunc() uint32 { return m.imported + uint32(len(m.funcs)) }

// Export exports a function.
func (m *Module) Export(name string, index uint32) {
	m.exports = append(m.exports, Seq(text(name), Code{0}, unsigned(uint64(index))))
}

// Memory gives the module a memory, in pages of 64 KiB, exported as "memory".
// No maximum is written when most is 0.
func (m *Module) Memory(least, most uint32) {
	m.memory = limits(least, most)
	m.exports = append(m.exports, Seq(text("memory"), Code{2, 0}))
}

// Data is in memory at offset when the module starts.
func (m *Module) Data(offset uint32, b []byte) {
	m.data = append(m.data, Seq(Code{0}, I32(int32(offset)), Code{0x0b}, unsigned(uint64(len(b))), b))
}

// Global adds a mutable global of type sig and answers its index.
func (m *Module) Global(sig rune, value int64) uint32 {
	start := I64(value)
	if sig == 'i' {
		start = I32(int32(value))
	}
	m.globals = append(m.globals, Seq(Code{valueType(sig), 1}, start, Code{0x0b}))
	return uint32(len(m.globals) - 1)
}

// ExportGlobal exports a global.
func (m *Module) ExportGlobal(name string, index uint32) {
	m.exports = append(m.exports, Seq(text(name), Code{3}, unsigned(uint64(index))))
}

// Table gives the module a table of these functions.
func (m *Module) Table(funcs ...uint32) {
	n := uint32(len(funcs))
	m.table = Seq(Code{0x70}, limits(n, n))
	e := Seq(Code{0}, I32(0), Code{0x0b}, unsigned(uint64(n)))
	for _, f := range funcs {
		e = Seq(e, unsigned(uint64(f)))
	}
	m.elements = append(m.elements, e)
}

// Start has a function run when the module is instantiated.
func (m *Module) Start(index uint32) { m.start = unsigned(uint64(index)) }

// Custom adds a custom section.
func (m *Module) Custom(name string, content []byte) {
	m.custom = append(m.custom, Seq(text(name), content))
}

// Type is the index of a signature, for CallIndirect.
func (m *Module) Type(sig string) uint32 { return m.typeOf(sig) }

// Bytes is the module's binary.
func (m *Module) Bytes() []byte {
	types := make([]Code, len(m.types))
	for i, sig := range m.types {
		params, results, _ := strings.Cut(sig, ":")
		types[i] = Seq(Code{0x60}, valueTypes(params), valueTypes(results))
	}
	b := Seq(Code("\x00asm\x01\x00\x00\x00"),
		section(1, types), section(2, m.imports), section(3, m.funcs),
		section(4, one(m.table)), section(5, one(m.memory)), section(6, m.globals),
		section(7, m.exports))
	if m.start != nil {
		b = Seq(b, Code{8}, sized(m.start))
	}
	b = Seq(b, section(9, m.elements), section(10, m.bodies), section(11, m.data))
	for _, c := range m.custom {
		b = Seq(b, Code{0}, sized(c))
	}
	return b
}

func (m *Module) typeOf(sig string) uint32 {
	if !strings.Contains(sig, ":") {
		sig += ":"
	}
	for i, t := range m.types {
		if t == sig {
			return uint32(i)
		}
	}
	m.types = append(m.types, sig)
	return uint32(len(m.types) - 1)
}

func valueTypes(letters string) Code {
	c := unsigned(uint64(len(letters)))
	for _, l := range letters {
		c = append(c, valueType(l))
	}
	return c
}

func valueType(letter rune) byte {
	switch letter {
	case 'i':
		return 0x7f
	case 'I':
		return 0x7e
	case 'f':
		return 0x7d
	case 'F':
		return 0x7c
	}
	panic(fmt.Sprintf("wasmtest: %q is no type: use i, I, f or F", letter))
}
