package meter

import "testing"

// vecLoad is v128.load.
const vecLoad = vec

// TestOperands follows the operand stack through code of every kind.
func TestOperands(t *testing.T) {
	i, v := asm{typeI32}, asm{typeV128}
	two := code(get(0), get(0))
	for name, c := range map[string]struct {
		f    fn
		deep int
		held int // at the beginnings of blocks
	}{
		"nothing":               {fn{}, 0, 0},
		"binary operators":      {fn{params: i, results: i, code: code(two, get(0), opI32Add, opI32Add)}, 3, 0},
		"unary operators":       {fn{params: i, results: i, code: repeat(1, get(0), repeat(50, opI32Eqz))}, 1, 0},
		"comparisons":           {fn{params: i, results: i, code: code(two, opI32LtU, get(0), opI32GtU)}, 2, 0},
		"conversions":           {fn{params: i, code: code(get(0), 0xac, 0xb9, misc|6, 0xa7, opDrop)}, 1, 0},
		"floats":                {fn{code: code(f64(1), f64(2), 0x9f, 0xa0, f64(3), 0x63, f32(1), 0x91, f32(2), 0x97, opDrop, opDrop)}, 3, 0},
		"loads and stores":      {fn{params: i, code: code(repeat(9, two, load(opI32Load), load(opI32Store)), repeat(3, opMemorySize, asm{0}, opMemoryGrow, asm{0}, opDrop))}, 2, 0},
		"bulk":                  {fn{params: i, code: repeat(5, two, get(0), opMemoryFill, asm{0})}, 3, 5 * (blocksOfFill + blocksOfCheck) * 3},
		"select":                {fn{params: i, results: i, code: code(two, get(0), opSelect)}, 3, 0},
		"locals":                {fn{params: i, locals: i, code: repeat(9, get(0), tee(1), set(1))}, 1, 0},
		"calls":                 {fn{params: i, results: i, code: code(get(0), repeat(9, callTo(0)))}, 1, 0},
		"vectors":               {fn{params: v, results: i, code: code(two, vec|110, repeat(5, vec|77), get(0), get(0), vec|82, vec|83)}, 3, 0},
		"vectors in the memory": {fn{params: i, code: repeat(5, get(0), get(0), vecLoad, asm{0, 0}, vec|11, asm{0, 0})}, 2, 0},
		"a block's result":      {fn{params: i, results: i, code: code(repeat(9, opBlock, typeI32, get(0), opEnd, opDrop), get(0))}, 1, 0},
		"code that is dead":     {fn{params: i, results: i, code: code(get(0), opReturn, repeat(9, opBlock, typeI32, opUnreachable, opEnd), opUnreachable)}, 1, 0},
		"an if between values":  {fn{params: i, results: i, code: code(two, get(0), asm{opIf, typeI32}, i32(1), opElse, i32(2), opEnd, opI32Add, opI32Add)}, 3, 2 + 2 + 3},
		"branches below values": {fn{params: i, code: code(repeat(4, get(0)), repeat(3, block(get(0), brIf(0))), repeat(4, opDrop))}, 5, 3 * 2 * 4},
		"a loop above values":   {fn{params: i, code: code(two, loopOf(get(0), brIf(0)), opDrop, opDrop)}, 3, 2 + 2 + 2},
	} {
		t.Run(name, func(t *testing.T) {
			b := build{memory: &limits{min: 1}, funcs: []fn{c.f}}
			res, err := Rewrite(b.bytes(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := start(t, res.Code, 1, 1); err != nil {
				t.Fatalf("the code is not valid: %v", err)
			}
			m, err := decode(b.bytes(), Options{}.withDefaults())
			if err != nil {
				t.Fatal(err)
			}
			var f function
			if err := m.scan(0, &f); err != nil {
				t.Fatal(err)
			}
			if f.deep != c.deep || f.held != c.held {
				t.Errorf("deep %d, held %d, want %d and %d", f.deep, f.held, c.deep, c.held)
			}
		})
	}
}
