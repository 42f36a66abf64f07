package meter

// Costs are in twentieths of a unit of fuel, and a unit is about a nanosecond
// of wazero's compiled code on a 3 GHz amd64 core. Most instructions are less
// than one machine instruction, of which several run at once; the table is
// closer to what they cost where the processor can't hide them, so that fuel
// is rather high than low.
const perUnit = 20

const (
	costCall     = 25
	costIndirect = 3 * perUnit
	// costHost is the way out to Go and back: an imported function, ref.func
	// and what grows something. What is done there is charged there.
	costHost = 60 * perUnit
)

func cost(op int) int {
	if op >= vec {
		return vecCost(op - vec)
	}
	return int(costs[op])
}

var costs = func() (t [misc + 256]uint16) {
	for op := range t {
		t[op] = 2
	}
	set := func(c uint16, ops ...int) {
		for _, op := range ops {
			t[op] = c
		}
	}
	span := func(c uint16, from, to int) {
		for op := from; op <= to; op++ {
			t[op] = c
		}
	}
	set(0, 0x01, opBlock, opElse, opEnd, 0x1a, opLocalGet, opI32Const)
	set(1, opLocalSet, opLocalTee, opI64Const, opF32Const, opF64Const, opLoop)
	set(3, opIf, opBr, opBrIf, opReturn, opSelect, opSelectTyped)
	set(perUnit, opBrTable)
	set(costCall, opCall)
	set(costIndirect, opCallIndirect)
	set(costHost, opRefFunc, opMemoryGrow, opTableGrow)
	set(6, opTableGet, opTableSet)
	span(4, opI32Load, opI64Store32)
	set(3, 0x6c, 0x7e)            // i32.mul, i64.mul
	span(3*perUnit, 0x6d, 0x70)   // i32.div, rem
	span(5*perUnit, 0x7f, 0x82)   // i64.div, rem
	span(4, 0x67, 0x69)           // i32.clz, ctz, popcnt
	span(4, 0x79, 0x7b)           // the same of i64
	span(perUnit, 0x8b, 0xa6)     // floats
	span(2*perUnit, 0x96, 0x97)   // f32.min, max
	span(2*perUnit, 0xa4, 0xa5)   // f64.min, max
	set(3*perUnit, 0x91, 0x95)    // f32.sqrt, div
	set(5*perUnit, 0x9f, 0xa3)    // f64.sqrt, div
	span(2*perUnit, 0xa8, 0xab)   // i32.trunc
	span(2*perUnit, 0xae, 0xb1)   // i64.trunc
	span(perUnit, 0xb2, 0xbb)     // converts
	span(2*perUnit, misc, misc|7) // saturating truncs
	return t
}()

// vecCost is rough: a few of these are short routines of their own.
func vecCost(sub int) int {
	switch {
	case sub <= 12, sub >= 92 && sub <= 93:
		return 4
	case sub == 13, sub == 14, sub >= 0x60 && sub <= 0x64, sub >= 0x6b && sub <= 0x6d,
		sub == 0xd5, sub == 0xcc, sub >= 0xf8:
		return 3 * perUnit
	case sub >= 0xe0 && sub <= 0xf7:
		return 2 * perUnit
	}
	return perUnit
}
