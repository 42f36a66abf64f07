package meter

import (
	"context"
	"reflect"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// FuzzRewrite takes any bytes: the pass never panics, what it makes of a module
// the engine takes is a module the engine takes, and the survey says what
// rewriting does.
func FuzzRewrite(f *testing.F) {
	f.Add(kernels())
	f.Add(bulkModule()[:200])
	f.Add((&build{tables: []limits{{min: 2}}, elements: []uint32{0, 0}, passive: []uint32{0}, globals: asm{typeI32, typeF64},
		start: 0, customs: map[string]asm{"name": {1, 1, 0}}, funcs: []fn{{code: code(i32(0), with(opCallIndirect, 0, 0))}}}).bytes())
	ctx := context.Background()
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler().WithCoreFeatures(api.CoreFeaturesV2))
	f.Cleanup(func() { rt.Close(ctx) })
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 64<<10 {
			return
		}
		told, surveyErr := Survey(b)
		res, err := Rewrite(b, Options{Regions: 1000})
		if err != nil {
			return
		}
		if surveyErr != nil {
			t.Fatalf("can be rewritten, but not surveyed: %v", surveyErr)
		}
		told.MemoryMax, told.SizeAfter = res.Info.MemoryMax, res.Info.SizeAfter
		if !reflect.DeepEqual(told, res.Info) {
			t.Fatalf("surveyed as %+v, rewritten as %+v", told, res.Info)
		}
		before, err := rt.CompileModule(ctx, b)
		if err != nil {
			return
		}
		before.Close(ctx)
		after, err := rt.CompileModule(ctx, res.Code)
		if err != nil {
			t.Fatalf("the engine took it, and when metered says %v", err)
		}
		after.Close(ctx)
	})
}

// FuzzDifferential makes a program of the bytes and runs it as it is and
// metered: the same result, trap, memory and globals.
func FuzzDifferential(f *testing.F) {
	for seed := range 64 {
		b := make([]byte, 400)
		x := uint32(seed + 1)
		for i := range b {
			x = x*1664525 + 1013904223
			b[i] = byte(x >> 24)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 4096 {
			return
		}
		m := program(b)
		plain, metered := pair(t, m, Options{MemoryPages: 4, Depth: 1 << 20})
		metered.slice = 37
		for i := range 3 {
			if same(t, plain, metered, "f0", uint64(i*1000)).trap != "" {
				break
			}
		}
		// A step is about a nanosecond's work. Only the host's own calls
		// of very small functions, of which there are three, are free.
		const free = 3 * freeMostTaken / perUnit
		if steps := int64(metered.ExportedGlobal("g0").Get()); metered.used()+free < steps/2 {
			t.Errorf("%d units were used for %d steps", metered.used(), steps)
		}
	})
}

// source makes a program of bytes. When they have run out, it takes the
// first choice, which always ends.
type source struct {
	b     []byte
	funcs int
	depth int // blocks open
}

func (s *source) pick(n int) int {
	if len(s.b) == 0 {
		return 0
	}
	c := s.b[0]
	s.b = s.b[1:]
	return int(c) % n
}

// program has a few functions of an i32 that call each other. Each call and
// each pass of a loop takes a step of a global, and after many steps the
// program traps, so that it ends.
func program(b []byte) []byte {
	s := &source{b: b}
	s.funcs = 1 + s.pick(4)
	m := build{
		memory:   &limits{min: 1 + uint32(s.pick(3)), max: 3, bounded: true},
		tables:   []limits{{min: 3, max: 9, bounded: true}},
		elements: []uint32{0},
		passive:  []uint32{0, 0},
		globals:  asm{typeI32, typeI64},
		data:     []asm{repeat(300, i32(-1))},
	}
	for range s.funcs {
		m.funcs = append(m.funcs, fn{params: asm{typeI32}, results: asm{typeI32}, locals: asm{typeI32, typeI64},
			code: code(step(), s.statements(3), s.expr(3))})
	}
	return m.bytes()
}

// step counts one in the first global and traps when there were many.
func step() asm {
	return code(with(opGlobalGet, 0), i32(1), opI32Add, with(opGlobalSet, 0),
		with(opGlobalGet, 0), i32(3000), opI32GtU, ifThen(opUnreachable))
}

func (s *source) statements(most int) asm {
	var out asm
	for range s.pick(most + 2) {
		out = append(out, s.statement(most-1)...)
	}
	return out
}

// inside makes statements with one more label to branch to.
func (s *source) inside(most int) asm {
	s.depth++
	defer func() { s.depth-- }()
	return s.statements(most)
}

func (s *source) statement(most int) asm {
	if most <= 0 {
		return code(s.expr(2), set(uint32(s.pick(2))))
	}
	switch s.pick(12) {
	case 1:
		return code(s.expr(2), opIf, blockEmpty, s.inside(most), opElse, s.inside(most), opEnd)
	case 2:
		return code(s.expr(2), ifThen(s.inside(most)))
	case 3:
		return block(s.inside(most))
	case 4, 5:
		s.depth++
		body := code(step(), s.statements(most), s.expr(2), brIf(0))
		s.depth--
		return loopOf(body)
	case 6:
		if s.depth > 0 {
			return code(s.expr(2), brIf(uint32(s.pick(s.depth))))
		}
	case 7:
		if s.depth > 0 {
			n := uint32(s.depth)
			return code(s.expr(2), asm{opBrTable, 2}, asm{byte(s.pick(int(n))), byte(s.pick(int(n))), byte(s.pick(int(n)))})
		}
	case 8:
		return code(s.expr(2), s.expr(2), load(0x36))
	case 9:
		return code(s.expr(2), 0xad, get(2), opI64Add, tee(2), with(opGlobalSet, 1))
	case 10:
		return code(s.expr(2), opReturn)
	case 11:
		ops := []asm{code(opMemoryCopy, asm{0, 0}), code(opMemoryFill, asm{0}), code(opMemoryInit, asm{0, 0}),
			with(opTableInit, 1, 0), with(opTableCopy, 0, 0)}
		n := s.expr(1)
		if s.pick(2) == 0 {
			n = i32(int32(s.pick(256) * 700))
		}
		return code(s.expr(1), s.expr(1), n, ops[s.pick(len(ops))])
	}
	return code(s.expr(2), set(uint32(s.pick(2))))
}

// expr leaves an i32.
func (s *source) expr(most int) asm {
	if most <= 0 {
		return get(uint32(s.pick(2)))
	}
	switch s.pick(12) {
	case 1, 2:
		return i32(int32(s.pick(256)) * int32(1+s.pick(200)))
	case 3, 4:
		ops := []int{opI32Add, opI32Sub, 0x6c, 0x6d, 0x70, 0x71, 0x72, 0x74, 0x46, 0x48}
		return code(s.expr(most-1), s.expr(most-1), ops[s.pick(len(ops))])
	case 5:
		return code(s.expr(most-1), i32(0xffff), 0x71, load(opI32Load))
	case 6:
		return code(s.expr(most-1), callTo(uint32(s.pick(s.funcs))))
	case 7:
		return code(s.expr(most-1), s.expr(most-1), with(opCallIndirect, 0, 0))
	case 8:
		return code(s.expr(most-1), i32(1), 0x71, opMemoryGrow, asm{0})
	case 9:
		return code(s.expr(most-1), s.expr(most-1), s.expr(most-1), opSelect)
	case 10:
		return code(get(2), i64(int64(s.pick(256))), opI64LtS)
	case 11:
		return code(with(opRefFunc, 0), s.expr(most-1), i32(3), 0x71, with(opTableGrow, 0))
	}
	return get(uint32(s.pick(2)))
}
