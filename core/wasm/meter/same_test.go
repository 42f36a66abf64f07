package meter

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

// outcome is what a call leaves behind.
type outcome struct {
	results []uint64
	trap    string // the first line of its error
}

func (g *guest) do(export string, args ...uint64) outcome {
	res, err := g.ExportedFunction(export).Call(context.Background(), args...)
	if err != nil {
		line, _, _ := strings.Cut(err.Error(), "\n")
		return outcome{nil, line}
	}
	return outcome{res, ""}
}

// same calls a function in both guests and compares all that can be seen.
func same(t testing.TB, plain, metered *guest, export string, args ...uint64) outcome {
	t.Helper()
	p, m := plain.do(export, args...), metered.do(export, args...)
	if p.trap != m.trap || len(p.results) != len(m.results) {
		t.Fatalf("%s%v: %v as it is, %v metered", export, args, p, m)
	}
	for i := range p.results {
		if p.results[i] != m.results[i] {
			t.Fatalf("%s%v: %v as it is, %v metered", export, args, p, m)
		}
	}
	if a, b := plain.ExportedMemory("memory"), metered.ExportedMemory("memory"); a != nil {
		x, _ := a.Read(0, a.Size())
		y, _ := b.Read(0, b.Size())
		if !bytes.Equal(x, y) {
			t.Fatalf("%s%v: memories differ", export, args)
		}
	}
	for i := 0; ; i++ {
		x, y := plain.ExportedGlobal("g"+number(i)), metered.ExportedGlobal("g"+number(i))
		if x == nil {
			return p
		}
		if x.Get() != y.Get() {
			t.Fatalf("%s%v: global %d is %#x as it is, %#x metered", export, args, i, x.Get(), y.Get())
		}
	}
}

// TestSame runs a function of each kind as it is and metered.
func TestSame(t *testing.T) {
	i, l := asm{typeI32}, asm{typeI64}
	sub := code(get(0), i32(1), opI32Sub)
	for name, c := range map[string]struct {
		m    build
		args []uint64
		trap string
	}{
		"constant":    {build{funcs: []fn{{results: i, code: i32(-7)}}}, nil, ""},
		"locals":      {build{funcs: []fn{{params: l, results: l, locals: l, code: code(get(0), tee(1), get(1), opI64Add)}}}, []uint64{21}, ""},
		"division":    {build{funcs: []fn{{params: i, results: i, code: code(i32(5), get(0), 0x6d)}}}, []uint64{0}, "divide by zero"},
		"unreachable": {build{funcs: []fn{{code: code(opUnreachable)}}}, nil, "unreachable"},
		"if without else": {build{funcs: []fn{{params: i, results: i, code: code(get(0), ifThen(i32(9), set(0)), get(0))}}},
			[]uint64{1}, ""},
		"if with result": {build{funcs: []fn{{params: i, results: i,
			code: code(get(0), opIf, i, i32(1), opElse, i32(2), opEnd)}}}, []uint64{0}, ""},
		"branch out of nested blocks": {build{funcs: []fn{{params: i, results: i,
			code: code(block(block(block(get(0), asm{opBrTable, 2, 0, 1, 2}), i32(10), opReturn), i32(11), opReturn), i32(12))}}},
			[]uint64{1}, ""},
		"branch out of a loop": {build{funcs: []fn{{params: i, results: i, locals: i,
			code: code(block(loopOf(get(1), i32(1), opI32Add, tee(1), get(0), 0x46, brIf(1), br(0))), get(1))}}},
			[]uint64{1000}, ""},
		"return out of nested loops": {build{funcs: []fn{{params: i, results: i, locals: i,
			code: code(loopOf(loopOf(get(1), i32(1), opI32Add, tee(1), get(0), 0x46, ifThen(get(1), opReturn), br(1))), opUnreachable)}}},
			[]uint64{50}, ""},
		"loop with a result": {build{funcs: []fn{{params: i, results: i,
			code: code(opLoop, i, sub, tee(0), brIf(0), i32(77), opEnd)}}}, []uint64{100000}, ""},
		"loop over values on the stack": {build{funcs: []fn{
			{params: i, results: i, code: code(i32(1000), opLoop, asm{0}, i32(3), opI32Sub, tee(0), get(0), i32(0), 0x4a, brIf(0), opEnd)}}},
			[]uint64{0}, ""},
		"function label": {build{funcs: []fn{{params: i, results: i, code: code(i32(4), get(0), brIf(0), 0x1a, i32(5))}}}, []uint64{1}, ""},
		"dead code": {build{funcs: []fn{{results: i,
			code: code(i32(3), opReturn, loopOf(br(0)), block(br(0)), opIf, blockEmpty, opElse, opEnd, callTo(0))}}}, nil, ""},
		"recursion": {build{funcs: []fn{{params: i, results: i,
			code: code(get(0), opI32Eqz, opIf, i, i32(0), opElse, sub, callTo(0), i32(2), opI32Add, opEnd)}}}, []uint64{20000}, ""},
		"mutual recursion": {build{funcs: []fn{
			{params: i, results: i, code: code(get(0), opI32Eqz, opIf, i, i32(1), opElse, sub, callTo(1), opEnd)},
			{params: i, results: i, code: code(get(0), opI32Eqz, opIf, i, i32(0), opElse, sub, callTo(0), opEnd)}}}, []uint64{9999}, ""},
		"recursion with a large frame and two results": {build{funcs: []fn{
			{params: i, results: asm{typeI32, typeI64}, locals: bytes.Repeat(l, 100), code: code(
				get(0), opI32Eqz, ifThen(i32(5), i64(6), opReturn), sub, callTo(0), set(50), i32(1), opI32Add, get(50))}}}, []uint64{1000}, ""},
		"call through a table": {build{tables: []limits{{min: 2}}, elements: []uint32{1, 2}, funcs: []fn{
			{params: i, results: i, code: code(get(0), get(0), with(opCallIndirect, 1, 0))},
			{params: i, results: i, code: code(get(0), i32(100), opI32Add)},
			{params: l, results: l, code: get(0)}}}, []uint64{0}, ""},
		"call of another type through a table": {build{tables: []limits{{min: 2}}, elements: []uint32{1, 2}, funcs: []fn{
			{params: i, results: i, code: code(get(0), get(0), with(opCallIndirect, 1, 0))},
			{params: i, results: i, code: get(0)},
			{params: l, results: l, code: get(0)}}}, []uint64{1}, "indirect call type mismatch"},
		"reference to a function": {build{tables: []limits{{min: 3}}, elements: []uint32{1}, funcs: []fn{
			{params: i, results: i, code: code(i32(2), with(opRefFunc, 1), with(opTableSet, 0), i32(2), with(opTableGet, 0), opRefIsNull,
				get(0), i32(2), with(opCallIndirect, 1, 0), opI32Add)},
			{params: i, results: i, code: code(get(0), i32(1), opI32Add)}}}, []uint64{5}, ""},
		"globals": {build{globals: asm{typeI64, typeI32}, funcs: []fn{{params: i, results: l,
			code: code(get(0), with(opGlobalSet, 1), with(opGlobalGet, 0), i64(3), opI64Add, with(opGlobalSet, 0), with(opGlobalGet, 0))}}},
			[]uint64{7}, ""},
		"start function": {build{globals: i, start: 1, funcs: []fn{{results: i, code: with(opGlobalGet, 0)},
			{code: code(i32(42), with(opGlobalSet, 0))}}}, nil, ""},
		"memory": {build{memory: &limits{min: 1}, funcs: []fn{{params: i, results: l,
			code: code(get(0), i64(-2), load(0x37), get(0), load(0x29))}}}, []uint64{65528}, ""},
		"memory out of bounds": {build{memory: &limits{min: 1}, funcs: []fn{{params: i, results: l,
			code: code(get(0), i64(-2), load(0x37), get(0), load(0x29))}}}, []uint64{65529}, "out of bounds memory access"},
		"memory growth": {build{memory: &limits{min: 1, max: 9, bounded: true}, funcs: []fn{{params: i, results: i,
			code: code(get(0), opMemoryGrow, asm{0}, opMemorySize, asm{0}, opI32Add)}}}, []uint64{3}, ""},
		"memory growth beyond the maximum": {build{memory: &limits{min: 1, max: 9, bounded: true}, funcs: []fn{{params: i, results: i,
			code: code(get(0), opMemoryGrow, asm{0}, opMemorySize, asm{0}, opI32Add)}}}, []uint64{9}, ""},
		"table growth": {build{tables: []limits{{min: 1, max: 10, bounded: true}}, funcs: []fn{{params: i, results: i,
			code: code(asm{opRefNull, typeFuncref}, get(0), with(opTableGrow, 0), with(opTableSize, 0), opI32Add)}}}, []uint64{4}, ""},
		"table operations": {build{tables: []limits{{min: 8}, {min: 8}}, elements: []uint32{1, 1}, passive: []uint32{1, 1, 1}, funcs: []fn{
			{params: i, results: i, code: code(
				i32(2), i32(0), i32(3), with(opTableInit, 1, 0),
				i32(1), i32(0), i32(5), with(opTableCopy, 1, 0),
				i32(6), i32(0), with(opTableGet, 0), i32(2), with(opTableFill, 1),
				get(0), with(opTableGet, 1), opRefIsNull)},
			{}}}, []uint64{7}, ""},
		"floats": {build{funcs: []fn{{params: asm{typeF64}, results: asm{typeF64},
			code: code(get(0), 0x9f, f64(1.5), 0xa3, 0x9b, f32(2), 0xbb, 0xa0)}}}, []uint64{0x4022000000000000}, ""},
		"vectors": {build{memory: &limits{min: 1}, funcs: []fn{{params: i, results: i, code: code(
			i32(16), get(0), vec|0x11, get(0), vec|0x11, vec|0xae, load(vec|0x0b), i32(20), load(opI32Load))}}}, []uint64{7}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			// A block type by index takes and gives an i32 in all of these.
			plain, metered := pair(t, c.m.bytes(), Options{})
			o := same(t, plain, metered, "f0", c.args...)
			if !strings.Contains(o.trap, c.trap) || c.trap == "" && o.trap != "" {
				t.Fatalf("the trap is %q, not %q", o.trap, c.trap)
			}
			if d := metered.ExportedGlobal(Depth); d != nil && o.trap == "" && int64(d.Get()) != 16384<<10 {
				t.Fatalf("%d bytes of stack are left of %d", d.Get(), 16384<<10)
			}
		})
	}
}

// TestSameGuest runs work of real filters in a guest of the Go toolchain.
func TestSameGuest(t *testing.T) {
	plain, metered := pair(t, goGuest(t), Options{MemoryPages: 1024})
	for _, c := range []struct {
		export string
		arg    uint64
	}{{"sha", 100_000}, {"jsons", 20}, {"regexps", 20}, {"maps", 5000}, {"words", 100}, {"fib", 18}, {"deep", 10_000}} {
		p, m := plain.do(c.export, c.arg), metered.do(c.export, c.arg)
		if p.trap != "" || m.trap != "" || p.results[0] != m.results[0] {
			t.Errorf("%s: %v as it is, %v metered", c.export, p, m)
		}
	}
	if plain.do("empty").trap != "" || metered.do("empty").trap != "" {
		t.Error("a function that does nothing traps")
	}
	p, m := plain.do("crash", 3), metered.do("crash", 3)
	if p.trap == "" || p.trap != m.trap {
		t.Errorf("a panic is %q as it is, %q metered", p.trap, m.trap)
	}
}
