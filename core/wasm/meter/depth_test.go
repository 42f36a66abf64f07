package meter

import (
	"bytes"
	"runtime"
	"strings"
	"testing"
)

// TestDepth lets guests recurse without end by each kind of call. They trap
// at the bound, with the counter below zero, long before the engine's own
// limit, and what it cost is given back.
func TestDepth(t *testing.T) {
	i := asm{typeI32}
	table := []limits{{min: 4}}
	for name, m := range map[string]build{
		"direct":       {funcs: []fn{{code: callTo(0)}}},
		"mutual":       {funcs: []fn{{code: callTo(1)}, {code: callTo(2)}, {code: callTo(0)}}},
		"table":        {tables: table, elements: []uint32{0}, funcs: []fn{{code: code(i32(0), with(opCallIndirect, 0, 0))}}},
		"table by ref": {tables: table, elements: []uint32{1}, funcs: []fn{{code: code(i32(0), with(opRefFunc, 1), with(opTableSet, 0), callTo(1))}, {code: code(i32(0), with(opCallIndirect, 0, 0))}}},
		"large frames": {funcs: []fn{{params: i, locals: bytes.Repeat(i, 200), code: code(get(0), callTo(0), get(100), set(7))}}},
		"deep chain": {funcs: func() []fn {
			fs := make([]fn, 50)
			for k := range fs {
				fs[k].code = callTo(uint32(k+1) % 50)
			}
			return fs
		}()},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := Rewrite(m.bytes(), Options{Depth: 1024})
			if err != nil {
				t.Fatal(err)
			}
			if !res.Info.Recursive {
				t.Error("it is not said to recurse")
			}
			g, err := start(t, res.Code, 1<<40, 1)
			if err != nil {
				t.Fatal(err)
			}
			args := make([]uint64, len(g.ExportedFunction("f0").Definition().ParamTypes()))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			o := g.do("f0", args...)
			runtime.ReadMemStats(&after)
			if !strings.Contains(o.trap, "unreachable") || int64(g.ExportedGlobal(Depth).Get()) >= 0 {
				t.Errorf("it ends with %q and %d bytes of stack left", o.trap, int64(g.ExportedGlobal(Depth).Get()))
			}
			// The stack is doubled and copied each time, so that all of
			// them together are at most four times its bound.
			if got := after.TotalAlloc - before.TotalAlloc; got > 6<<20 {
				t.Errorf("%d KiB were allocated for a stack of 1024", got>>10)
			}
		})
	}
}

// TestNotRecursive sees that a module that cannot recurse has no counter, and
// that the engine's limit can be left to stand alone.
func TestNotRecursive(t *testing.T) {
	flat := build{tables: []limits{{min: 1}}, elements: []uint32{1}, funcs: []fn{{code: code(i32(0), with(opCallIndirect, 0, 0))}, {params: asm{typeI64}}}}
	res, err := Rewrite(flat.bytes(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if res.Info.Recursive || bytes.Contains(res.Code, []byte(Depth)) {
		t.Error("a module that cannot recurse is given a counter")
	}
	res, err = Rewrite((&build{funcs: []fn{{code: callTo(0)}}}).bytes(), Options{Depth: Unbounded})
	if err != nil {
		t.Fatal(err)
	}
	if !res.Info.Recursive || bytes.Contains(res.Code, []byte(Depth)) {
		t.Error("a module is given a counter where none is asked for")
	}
}
