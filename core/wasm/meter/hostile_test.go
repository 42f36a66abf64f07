package meter

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestRefused lists what is not let in, and what is said of it.
func TestRefused(t *testing.T) {
	i := asm{typeI32}
	one := func(c ...any) build { return build{funcs: []fn{{code: code(c...)}}} }
	many := func(n int, f fn) []fn {
		fs := make([]fn, n)
		for k := range fs {
			fs[k] = f
		}
		return fs
	}
	section := func(id byte, parts ...any) build { return build{extra: appendSection(nil, id, code(parts...))} }
	names := func(module, name string) asm { return appendName(appendName(nil, module), name) }
	for name, c := range map[string]struct {
		m    build
		want string
	}{
		"memory minimum": {build{memory: &limits{min: 600}},
			"section memory: the memory begins with 600 pages of 64 KiB, more than the 512 allowed: raise \"memory\""},
		"memory minimum above maximum": {build{memory: &limits{min: 5, max: 4, bounded: true}}, "maximum 4 is below minimum 5"},
		"memory maximum":               {build{memory: &limits{min: 5, max: 70000, bounded: true}}, "more than the 65536"},
		"shared memory":                {section(secMemory, asm{1, 3, 1, 2}), "shared and 64-bit memories are not supported"},
		"two memories":                 {section(secMemory, asm{2, 0, 1, 0, 1}), "2 memories, more than the 1 allowed"},
		"table minimum":                {build{tables: []limits{{min: 70000}}}, "table 0 begins with 70000 entries, more than the 65536 allowed"},
		"tables":                       {build{tables: make([]limits, 17)}, "17 tables, more than the 16 allowed"},
		"imported memory":              {section(secImport, asm{1}, names("env", "memory"), asm{kindMemory, 0, 1}), `import "env" "memory" is a memory`},
		"imported table":               {section(secImport, asm{1}, names("env", "t"), asm{kindTable, typeFuncref, 0, 1}), `import "env" "t" is a table`},
		"import of the meter":          {section(secImport, asm{1}, names("weir", "x"), asm{kindGlobal, typeI32, 0}), "metered already"},
		"export of the fuel": {build{extra: appendSection(appendSection(nil, secGlobal, code(asm{1, typeI64, 1}, i64(0), opEnd)),
			secExport, append(appendName(asm{1}, Fuel), kindGlobal, 0))}, `export "weir_fuel" is a reserved name`},
		"functions":                 {build{funcs: many(101, fn{})}, "101 functions, more than the 100 allowed"},
		"globals":                   {build{globals: bytes.Repeat(i, 51)}, "51 globals, more than the 50 allowed"},
		"body":                      {one(repeat(70000, 0x01)), "function 0 has a body of"},
		"module":                    {build{customs: map[string]asm{"x": make(asm, 1<<20)}}, "the module has 10"},
		"locals in one group":       {build{funcs: []fn{{decls: code(asm{1}, asm{0xff, 0xff, 0xff, 0xff, 0x0f, typeI64})}}}, "4294967295 locals or more, beyond the 10000 allowed"},
		"locals in many groups":     {build{funcs: []fn{{decls: append(asm{100}, bytes.Repeat(asm{0xff, 1, typeV128}, 100)...)}}}, "beyond the 10000 allowed"},
		"locals that wrap around":   {build{funcs: []fn{{decls: append(asm{17}, bytes.Repeat(asm{0xff, 0xff, 0xff, 0xff, 0x0f, typeI32}, 17)...)}}}, "beyond the 10000 allowed"},
		"nesting":                   {one(repeat(10001, asm{opBlock, blockEmpty}), repeat(10001, opEnd)), "blocks are nested deeper than the 10000 allowed"},
		"br_table":                  {one(block(i32(0), with(opBrTable, 60000), make(asm, 60001))), "60000 br_table targets, more than the 50000 allowed"},
		"br_table that lies":        {one(block(i32(0), with(opBrTable, 1<<31))), "2147483648 br_table targets announced where"},
		"regions":                   {one(repeat(5001, block(i32(0), brIf(0)))), "function 0 has 10003 stretches of code, more than the 10000 allowed"},
		"regions of all functions":  {build{funcs: many(20, fn{code: repeat(4000, block(i32(0), brIf(0)))})}, "too many branches and locals to be compiled in good time"},
		"fills, each a loop":        {build{memory: &limits{min: 1}, funcs: []fn{{code: repeat(6000, i32(0), i32(1), i32(1), opMemoryFill, asm{0})}}}, "function 0 has too many branches"},
		"a br_table of jumps":       {one(block(i32(0), with(opBrTable, 20000), make(asm, 20001))), "function 0 has too many branches"},
		"locals that differ":        {build{funcs: []fn{{locals: bytes.Repeat(i, 2000), code: differing(2000)}}}, "function 0 has too many branches and locals"},
		"values handed over":        {build{funcs: []fn{{params: bytes.Repeat(i, 1000), results: bytes.Repeat(i, 1000), code: code(getAll(1000), repeat(101, callTo(0)))}}}, "hand over 203000 values, more than the 200000"},
		"values in all functions":   {build{funcs: many(11, fn{params: bytes.Repeat(i, 1000), results: bytes.Repeat(i, 1000), code: code(getAll(1000), repeat(99, callTo(0)))})}, "functions 0 to 10 have calls and branches"},
		"operands":                  {build{funcs: []fn{{params: i, code: code(repeat(10_001, get(0)), repeat(10_001, opDrop))}}}, "function 0 has 10001 values on its operand stack at once, more than the 10000 allowed: keep them in memory"},
		"operands at branches":      {one(repeat(3000, i32(1)), repeat(2000, block(i32(0), brIf(0))), repeat(3000, opDrop)), "function 0 branches with up to 3001 values on its operand stack"},
		"operands of all functions": {build{funcs: many(12, fn{code: code(repeat(9900, i32(1)), repeat(9900, opDrop))})}, "functions 0 to 10 have too many"},
		"branch too far":            {one(br(1)), "branch out of 2 blocks where 1 are open"},
		"branch too far in a table": {one(i32(0), asm{opBrTable, 1, 0, 9}), "branch out of 10 blocks"},
		"function that isn't":       {one(callTo(1)), "function 0: function 1 does not exist, there are 1 at offset"},
		"reference to the refuel":   {one(with(opRefFunc, 1<<32-1)), "function 4294967295 does not exist"},
		"global that isn't":         {build{globals: i, funcs: []fn{{code: code(i64(1<<40), with(opGlobalSet, 1))}}}, "global 1 does not exist, there are 1"},
		"local that isn't":          {build{funcs: []fn{{params: i, locals: i, code: get(2)}}}, "local 2 does not exist, there are 2"},
		"type that isn't":           {build{tables: []limits{{min: 1}}, funcs: []fn{{code: code(i32(0), with(opCallIndirect, 1, 0))}}}, "type 1 does not exist"},
		"block type that isn't":     {one(asm{opBlock, 1, opEnd}), "block type 1 is unknown"},
		"table that isn't":          {one(i32(0), with(opCallIndirect, 0, 0)), "table 0 does not exist"},
		"element that isn't":        {build{tables: []limits{{min: 1}}, elements: []uint32{1}, funcs: []fn{{}}}, "section element: function 1 does not exist"},
		"start that isn't":          {build{start: 7, funcs: []fn{{}}}, "section start: function 7 does not exist"},
		"data segment that isn't":   {build{memory: &limits{min: 1}, data: []asm{{1}}, funcs: []fn{{code: with(opDataDrop, 1)}}}, "data segment 1 is not announced"},
		"memory that isn't":         {one(i32(0), opMemoryGrow, asm{0}), "instruction on a memory the module does not have"},
		"tail call":                 {one(asm{0x12, 0}), "instruction 0x12 is not supported"},
		"exception":                 {one(asm{0x06, blockEmpty, opEnd}), "instruction 0x6 is not supported"},
		"atomic":                    {one(asm{0xfe, 0x03, 0}), "instruction 0xfe is not supported"},
		"relaxed vector":            {one(asm{prefixVec, 0x80, 2}), "vector instruction 0x80 is not supported"},
		"vector in a long form":     {one(asm{prefixVec, 0x8c, 0}), "vector instruction 0x8c is not supported"},
		"second memory":             {build{memory: &limits{min: 1}, funcs: []fn{{code: code(i32(0), asm{opI32Load, 0x42, 1, 0})}}}, "several memories are not supported"},
		"tag section":               {build{extra: asm{13, 1, 0}}, "section 13"},
		"doubled section":           {build{funcs: []fn{{}}, extra: appendSection(nil, secCode, asm{0})}, "section code at offset 0x20 is out of order or doubled"},
		"struct type":               {section(secType, asm{1, 0x5f, 0}), "only function types are supported"},
		"section too long":          {build{extra: asm{secGlobal, 3, 0, 0, 0}}, "2 bytes too many"},
		"code without functions":    {section(secCode, asm{1, 2, 0, opEnd}), "1 function bodies for 0 functions"},
		"body without end":          {build{funcs: []fn{{code: code(opBlock, blockEmpty)}}}, "function 0: unexpected end"},
		"body behind its end":       {build{funcs: []fn{{code: code(opEnd, 0x01)}}}, "bytes behind the last end"},
		"else without if":           {one(block(opElse)), "else without if"},
		"name that is not UTF-8":    {section(secCustom, asm{2, 0xc0, 0x80}), "is not UTF-8"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Rewrite(c.m.bytes(), Options{Functions: 100, Globals: 50, BodyBytes: 64 << 10, ModuleBytes: 1 << 20, BranchTable: 50000})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, not %q", err, c.want)
			}
		})
	}
	for _, c := range [][]byte{nil, []byte("\x00as"), []byte("MZ\x90\x00"), []byte("\x00asm\x01\x00"), []byte("\x00asm\x0d\x00\x01\x00")} {
		if _, err := Rewrite(c, Options{}); err == nil || !strings.Contains(err.Error(), "not a WebAssembly") {
			t.Errorf("%q: %v", c, err)
		}
	}
}

// differing sets another local behind each of n branches.
func differing(n int) (out asm) {
	for i := range n {
		out = append(out, block(get(uint32(i)), brIf(0), get(uint32(7*i%n)), set(uint32((13*i+1)%n)))...)
	}
	return out
}

// getAll takes n parameters.
func getAll(n int) (out asm) {
	for i := range n {
		out = append(out, get(uint32(i))...)
	}
	return out
}

// TestClamped sees that what has no bound gets one.
func TestClamped(t *testing.T) {
	res, err := Rewrite((&build{memory: &limits{min: 1}, tables: []limits{{min: 2}}, funcs: []fn{
		{results: asm{typeI32}, code: code(i32(10), opMemoryGrow, asm{0})},
		{results: asm{typeI32}, code: code(asm{opRefNull, typeFuncref}, i32(99), with(opTableGrow, 0))},
	}}).bytes(), Options{MemoryPages: 10, TableEntries: 100})
	if err != nil {
		t.Fatal(err)
	}
	g, err := start(t, res.Code, 1<<40, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"f0", "f1"} {
		if o := g.do(f); o.trap != "" || uint32(o.results[0]) != 1<<32-1 {
			t.Errorf("%s grows beyond the bound: %v", f, o)
		}
	}
	if res.Info.MemoryMin != 1 || res.Info.MemoryMax != 10 {
		t.Errorf("the memory is said to have %d to %d pages", res.Info.MemoryMin, res.Info.MemoryMax)
	}
}

// TestTruncated cuts a module at each offset. No part of one is a module,
// but for the cuts that take whole sections away.
func TestTruncated(t *testing.T) {
	whole := bulkModule()[:300]
	for _, m := range [][]byte{whole, kernels()} {
		for n := range m {
			res, err := Rewrite(m[:n], Options{})
			if err == nil {
				if _, err := start(t, res.Code, 1, 1); err != nil {
					t.Fatalf("cut to %d bytes it is let in, and the engine says %v", n, err)
				}
			}
		}
	}
}

// TestBounded runs what never ends, and sees that it does.
func TestBounded(t *testing.T) {
	i := asm{typeI32}
	table := []limits{{min: 4}}
	mem := &limits{min: 256}
	// A tree of calls, each function calling the next twice.
	tree := make([]fn, 64)
	for k := range tree[:63] {
		tree[k].code = code(callTo(uint32(k+1)), callTo(uint32(k+1)))
	}
	for name, m := range map[string]build{
		"empty loop":               {funcs: []fn{{code: loopOf(br(0))}}},
		"loop over a stack value":  {funcs: []fn{{params: i, code: code(i32(0), opLoop, asm{0}, br(0), opEnd)}}},
		"loop by br_table":         {funcs: []fn{{code: loopOf(i32(7), asm{opBrTable, 2, 0, 0, 0})}}},
		"nested loops":             {funcs: []fn{{code: loopOf(loopOf(loopOf(br(2))))}}},
		"loop of small calls":      {funcs: []fn{{code: loopOf(callTo(1), br(0))}, {}}},
		"tree of calls":            {funcs: tree},
		"tree of calls in a table": {tables: table, elements: []uint32{1, 2}, funcs: append([]fn{{code: repeat(1000, i32(0), with(opCallIndirect, 0, 0))}, {code: repeat(1000, callTo(2))}, {code: repeat(1000, callTo(3))}, {code: repeat(1000, callTo(4))}}, fn{})},
		"million instructions":     {funcs: []fn{{locals: i, code: loopOf(repeat(170_000, get(0), i32(3), opI32Add, i32(5), 0x6c, set(0)), br(0))}}},
		"many branches":            {funcs: []fn{{params: i, code: loopOf(repeat(2000, block(get(0), brIf(0), 0x01)), br(0))}}},
		"memory.fill":              {memory: mem, funcs: []fn{{code: loopOf(repeat(500, i32(0), i32(1), i32(256*piece), opMemoryFill, asm{0}), br(0))}}},
		"memory.fill in pieces":    {memory: mem, funcs: []fn{{code: loopOf(repeat(500, i32(0), i32(1), i32(piece), opMemoryFill, asm{0}), br(0))}}},
		"memory.copy upwards":      {memory: mem, funcs: []fn{{code: loopOf(i32(1), i32(0), i32(255*piece), opMemoryCopy, asm{0, 0}, br(0))}}},
		"memory.copy, short ones":  {memory: mem, funcs: []fn{{params: i, code: loopOf(repeat(500, i32(1), i32(0), i32(piece), get(0), opI32Sub, opMemoryCopy, asm{0, 0}), br(0))}}},
		"table.fill":               {tables: []limits{{min: 65536}}, funcs: []fn{{code: loopOf(i32(0), asm{opRefNull, typeFuncref}, i32(65536), with(opTableFill, 0), br(0))}}},
		"memory.grow":              {memory: mem, funcs: []fn{{code: loopOf(i32(1), opMemoryGrow, asm{0}, 0x1a, br(0))}}},
		"ref.func":                 {tables: table, elements: []uint32{0}, funcs: []fn{{code: loopOf(with(opRefFunc, 0), 0x1a, br(0))}}},
		"divisions":                {funcs: []fn{{locals: asm{typeI64}, code: loopOf(repeat(1000, i64(1<<62), i64(3), 0x7f, set(0)), br(0))}}},
		"walk through the memory": {memory: mem, funcs: []fn{{locals: i, code: loopOf(
			get(0), load(opI32Load), get(0), i32(1664525), 0x6c, opI32Add, i32(1013904223), opI32Add, i32(256*piece-4), 0x71, set(0), br(0))}}},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := Rewrite(m.bytes(), Options{BodyBytes: 4 << 20})
			if err != nil {
				t.Fatal(err)
			}
			const slice, slices = 100_000, 20
			g, err := start(t, res.Code, slice, slices)
			if err != nil {
				t.Fatal(err)
			}
			var args []uint64
			for range g.ExportedFunction("f0").Definition().ParamTypes() {
				args = append(args, 1)
			}
			t0 := time.Now()
			_, err = g.ExportedFunction("f0").Call(t.Context(), args...)
			if took := time.Since(t0); !errors.Is(err, errBudget) || took > 20*time.Second {
				t.Errorf("%v for %d slices of 100 us: %v", took, slices, err)
			} else {
				t.Log(took)
			}
			if left := int64(g.fuel.Get()); left < -3*slice {
				t.Errorf("%d units were spent before the last look", -left)
			}
		})
	}
}
