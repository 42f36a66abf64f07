package meter

import (
	"encoding/binary"
	"math"
)

// asm is bytecode under construction in a test. Everything a function's
// code is made of returns or takes one.
type asm []byte

// code joins instructions. An int is an opcode, an asm is taken as it is.
func code(parts ...any) asm {
	var out asm
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			switch {
			case p >= vec && p-vec >= 0x80:
				out = append(out, prefixVec, byte(p), 1)
			case p >= vec:
				out = append(out, prefixVec, byte(p))
			case p >= misc:
				out = append(out, prefixMisc, byte(p))
			default:
				out = append(out, byte(p))
			}
		case asm:
			out = append(out, p...)
		}
	}
	return out
}

func with(op int, imm ...uint32) asm {
	out := code(op)
	for _, i := range imm {
		out = appendU32(out, i)
	}
	return out
}

func get(i uint32) asm    { return with(opLocalGet, i) }
func set(i uint32) asm    { return with(opLocalSet, i) }
func tee(i uint32) asm    { return with(opLocalTee, i) }
func br(i uint32) asm     { return with(opBr, i) }
func brIf(i uint32) asm   { return with(opBrIf, i) }
func callTo(i uint32) asm { return with(opCall, i) }
func i32(v int32) asm     { return appendS64(asm{opI32Const}, int64(v)) }
func i64(v int64) asm     { return appendS64(asm{opI64Const}, v) }
func f32(v float32) asm {
	return binary.LittleEndian.AppendUint32(asm{opF32Const}, math.Float32bits(v))
}
func f64(v float64) asm {
	return binary.LittleEndian.AppendUint64(asm{opF64Const}, math.Float64bits(v))
}
func load(op int) asm       { return code(op, asm{0, 0}) }
func block(body ...any) asm { return code(opBlock, blockEmpty, code(body...), opEnd) }
func loopOf(body ...any) asm {
	return code(opLoop, blockEmpty, code(body...), opEnd)
}
func ifThen(body ...any) asm { return code(opIf, blockEmpty, code(body...), opEnd) }
func repeat(n int, body ...any) asm {
	one := code(body...)
	out := make(asm, 0, n*len(one))
	for range n {
		out = append(out, one...)
	}
	return out
}

// fn is a function of a test's module.
type fn struct {
	params, results asm // value types
	locals          asm // one each
	decls           asm // instead of locals: declarations as they are encoded
	code            asm // without the last end
}

// build is a test's module. Function i is exported as "f" and its number.
type build struct {
	imports  []fn // functions "host" "0", "1" …
	funcs    []fn
	tables   []limits // of funcref
	memory   *limits
	globals  asm // types, each mutable and zero
	elements []uint32
	passive  []uint32 // a passive element segment
	data     []asm    // passive
	start    int      // function to start with, or 0
	customs  map[string]asm
	extra    asm // sections appended as they are
}

func (b *build) bytes() []byte {
	out := []byte("\x00asm\x01\x00\x00\x00")
	section := func(id byte, n int, body asm) {
		if n > 0 {
			out = appendSection(out, id, append(appendU32(nil, uint32(n)), body...))
		}
	}
	var types, imports, funcs, tables, exports, bodies, globals, data, elements asm
	all := append(append([]fn{}, b.imports...), b.funcs...)
	for i, f := range all {
		types = append(types, 0x60)
		types = append(appendU32(types, uint32(len(f.params))), f.params...)
		types = append(appendU32(types, uint32(len(f.results))), f.results...)
		if i < len(b.imports) {
			imports = appendName(appendName(imports, "host"), number(i))
			imports = appendU32(append(imports, kindFunc), uint32(i))
			continue
		}
		funcs = appendU32(funcs, uint32(i))
		exports = appendName(exports, "f"+number(i-len(b.imports)))
		exports = appendU32(append(exports, kindFunc), uint32(i))
		body := f.decls
		if body == nil {
			body = appendU32(nil, uint32(len(f.locals)))
			for _, t := range f.locals {
				body = append(body, 1, t)
			}
		}
		body = append(append(append(asm{}, body...), f.code...), opEnd)
		bodies = append(appendU32(bodies, uint32(len(body))), body...)
	}
	exported := len(b.funcs)
	if b.memory != nil {
		exports = append(appendName(exports, "memory"), kindMemory, 0)
		exported++
	}
	for i, t := range b.globals {
		zero := map[byte]asm{typeI32: i32(0), typeI64: i64(0), typeF32: f32(0), typeF64: f64(0)}[t]
		globals = append(append(append(globals, t, 1), zero...), opEnd)
		exports = appendName(exports, "g"+number(i))
		exports = appendU32(append(exports, kindGlobal), uint32(i))
		exported++
	}
	for _, t := range b.tables {
		tables = appendLimits(append(tables, typeFuncref), t)
	}
	segments := 0
	if b.elements != nil {
		segments++
		elements = append(append(append(elements, 0), i32(0)...), opEnd)
		elements = appendU32(elements, uint32(len(b.elements)))
		for _, f := range b.elements {
			elements = appendU32(elements, f)
		}
	}
	if b.passive != nil {
		segments++
		elements = appendU32(append(elements, 1, 0), uint32(len(b.passive)))
		for _, f := range b.passive {
			elements = appendU32(elements, f)
		}
	}
	for _, d := range b.data {
		data = append(appendU32(append(data, 1), uint32(len(d))), d...)
	}
	for name, c := range b.customs {
		out = appendSection(out, secCustom, append(appendName(nil, name), c...))
	}
	section(secType, len(all), types)
	section(secImport, len(b.imports), imports)
	section(secFunction, len(b.funcs), funcs)
	section(secTable, len(b.tables), tables)
	if b.memory != nil {
		section(secMemory, 1, appendLimits(nil, *b.memory))
	}
	section(secGlobal, len(b.globals), globals)
	section(secExport, exported, exports)
	if b.start > 0 {
		out = appendSection(out, secStart, appendU32(nil, uint32(b.start)))
	}
	section(secElement, segments, elements)
	if len(b.data) > 0 {
		out = appendSection(out, secDataCount, appendU32(nil, uint32(len(b.data))))
	}
	section(secCode, len(b.funcs), bodies)
	section(secData, len(b.data), data)
	return append(out, b.extra...)
}

func number(i int) string {
	if i < 10 {
		return string(rune('0' + i))
	}
	return number(i/10) + number(i%10)
}
