package meter

import (
	"fmt"
	"strings"
	"testing"
)

// bulkModule has memory.copy, memory.fill and memory.init of their operands
// as f0, f1 and f2, copies of them with lengths that are constants, and a
// function that writes a pattern.
func bulkModule() []byte {
	three := asm{typeI32, typeI32, typeI32}
	all := code(get(0), get(1), get(2))
	data := make(asm, 5*piece/2)
	for i := range data {
		data[i] = byte(i*7 + i>>8)
	}
	return (&build{
		memory: &limits{min: 8, max: 8, bounded: true},
		data:   []asm{data},
		funcs: []fn{
			{params: three, code: code(all, opMemoryCopy, asm{0, 0})},
			{params: three, code: code(all, opMemoryFill, asm{0})},
			{params: three, code: code(all, opMemoryInit, asm{0, 0})},
			{params: three, code: code(get(0), get(1), i32(1000), opMemoryCopy, asm{0, 0})},
			{params: three, code: code(get(0), get(1), i32(3*piece), opMemoryCopy, asm{0, 0})},
			{code: code(opDataDrop, asm{0})},
			{locals: asm{typeI32}, code: loopOf(
				get(0), get(0), i32(2654435761&0x7fffffff), 0x6c, load(0x36),
				get(0), i32(4), opI32Add, tee(0), i32(8*piece), opI32LtU, brIf(0))},
		},
	}).bytes()
}

// TestBulk compares bulk operations around the length of a piece and at the
// memory's end: the same bytes and the same traps, and after a trap nothing
// has changed.
func TestBulk(t *testing.T) {
	plain, metered := pair(t, bulkModule(), Options{})
	same(t, plain, metered, "f6")
	const end = 8 * piece
	lengths := []uint64{0, 1, piece - 1, piece, piece + 1, 2 * piece, 2*piece + 1, 5 * piece / 2, 5*piece/2 + 1, 1 << 31, 1<<32 - 1}
	places := []uint64{0, 1, 100, piece, piece + 100, end - 2*piece, end - piece, end - 1, end, end + 1, 1<<32 - 1}
	for _, f := range []string{"f0", "f1", "f2", "f3", "f4"} {
		traps := 0
		for _, to := range places {
			for _, from := range places {
				for _, n := range lengths {
					if same(t, plain, metered, f, to, from, n).trap != "" {
						traps++
					}
				}
			}
		}
		if traps == 0 {
			t.Errorf("%s never trapped", f)
		}
	}
	same(t, plain, metered, "f5")
	for _, n := range lengths {
		same(t, plain, metered, "f2", 0, 0, n)
	}
}

// TestBulkPays sees that an operation pays for its length, in pieces, and
// that one which traps at once does not.
func TestBulkPays(t *testing.T) {
	_, metered := pair(t, bulkModule(), Options{})
	metered.slice = 5_000
	for _, c := range []struct {
		export  string
		args    []uint64
		least   int64
		most    int64
		refuels int
	}{
		{"f1", []uint64{0, 1, 7 * piece}, 7 * piece >> bulkShift, 7*piece>>bulkShift + 100, 2},
		{"f0", []uint64{0, piece, 6 * piece}, 6 * piece >> bulkShift, 6*piece>>bulkShift + 100, 2},
		{"f0", []uint64{piece, 0, 6 * piece}, 6 * piece >> bulkShift, 6*piece>>bulkShift + 100, 2},
		{"f2", []uint64{0, 0, 2 * piece}, 2 * piece >> bulkShift, 2*piece>>bulkShift + 100, 0},
		{"f3", []uint64{0, 0, 0}, 1000 >> bulkShift, 1000>>bulkShift + 100, 0},
		{"f1", []uint64{1, 1, 1<<32 - 1}, 0, 100, 0},
		{"f0", []uint64{1 << 31, 1, 1 << 31}, 0, 100, 0},
	} {
		used, refuels := metered.used(), metered.refuels
		metered.do(c.export, c.args...)
		used, refuels = metered.used()-used, metered.refuels-refuels
		if used < c.least || used > c.most || refuels < c.refuels {
			t.Errorf("%s%v: %d units and %d calls of refuel, not %d to %d and %d at least",
				c.export, c.args, used, refuels, c.least, c.most, c.refuels)
		}
	}
}

// TestGrowthPays sees that tables and memories pay for what they grow by, and
// nothing for what they cannot.
func TestGrowthPays(t *testing.T) {
	i := asm{typeI32}
	res, err := Rewrite((&build{
		memory: &limits{min: 1}, tables: []limits{{min: 1}},
		funcs: []fn{
			{params: i, results: i, code: code(get(0), opMemoryGrow, asm{0})},
			{params: i, results: i, code: code(asm{opRefNull, typeFuncref}, get(0), with(opTableGrow, 0))},
			{params: i, code: code(i32(0), asm{opRefNull, typeFuncref}, get(0), with(opTableFill, 0))},
		},
	}).bytes(), Options{MemoryPages: 100, TableEntries: 5000})
	if err != nil {
		t.Fatal(err)
	}
	g, err := start(t, res.Code, 1_000_000, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		export      string
		arg, result uint64
		least, most int64
	}{
		{"f0", 10, 1, 10 * pageCost, 10*pageCost + 200},
		{"f0", 1 << 31, 1<<32 - 1, 0, 200},
		{"f1", 4000, 1, 4000 >> tableShift, 4000>>tableShift + 200},
		{"f1", 4000, 1<<32 - 1, 0, 8000},
		{"f1", 1<<32 - 1, 1<<32 - 1, 0, 200},
		{"f2", 4001, 0, 4001 >> tableShift, 4001>>tableShift + 200},
	} {
		used := g.used()
		o := g.do(c.export, c.arg)
		used = g.used() - used
		if o.trap != "" || len(o.results) > 0 && o.results[0] != c.result || used < c.least || used > c.most {
			t.Errorf("%s(%d): %v for %d units, not %d for %d to %d", c.export, c.arg, o, used, c.result, c.least, c.most)
		}
	}
	if o := g.do("f2", 1<<32-1); !strings.Contains(o.trap, "invalid table access") {
		t.Errorf("a fill beyond the table ends with %q", o.trap)
	}
}

// BenchmarkBulk is memory.copy with lengths the module does not tell.
func BenchmarkBulk(b *testing.B) {
	for _, n := range []uint64{16, 256, 4096, piece, 3 * piece} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			three := asm{typeI32, typeI32}
			m := (&build{memory: &limits{min: 8}, funcs: []fn{{params: three, code: loopOf(
				i32(0), i32(4*piece), get(0), opMemoryCopy, asm{0, 0},
				get(1), i32(1), opI32Sub, tee(1), brIf(0))}}}).bytes()
			plain, metered := pair(b, m, Options{})
			loops := max(1, 1<<20/n)
			overhead(b, plain, metered, "f0", n, loops)
		})
	}
}
