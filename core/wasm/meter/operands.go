package meter

// How high a function's operand stack is, is followed where code is live: each
// value on it is one more that the compiler keeps, through each basic block
// that begins meanwhile.

// more notes n basic blocks beside the regions.
func (s *scanner) more(n int) {
	s.f.blocks += n
	s.f.held += n * s.high
}

// push makes the operand stack higher by n, or lower.
func (s *scanner) push(n int) {
	s.high = max(s.high+n, 0)
	s.f.deep = max(s.f.deep, s.high)
}

// call notes what a call hands over.
func (s *scanner) call(t funcType) {
	s.f.moved += len(t.params) + len(t.results)
	s.push(len(t.results) - len(t.params))
}

// effect is by how many values an instruction that is no block, call or branch
// makes the operand stack higher. What is not valid may have any: the engine
// validates modules after us.
func effect(op int) int {
	if op >= vec {
		return int(vecEffects[op-vec])
	}
	return int(effects[op])
}

var effects = func() (t [misc + 256]int8) {
	set := func(e int8, ops ...int) {
		for _, op := range ops {
			t[op] = e
		}
	}
	span := func(e int8, from, to int) {
		for op := from; op <= to; op++ {
			t[op] = e
		}
	}
	set(1, opLocalGet, opGlobalGet, opMemorySize, opI32Const, opI64Const, opF32Const, opF64Const, opRefNull, opRefFunc, opTableSize)
	set(-1, opDrop, opIf, opBrIf, opBrTable, opCallIndirect, opLocalSet, opGlobalSet, opTableGrow)
	set(-2, opSelect, opSelectTyped, opTableSet)
	set(-3, opMemoryInit, opMemoryCopy, opMemoryFill, opTableInit, opTableCopy, opTableFill)
	span(-2, opI32Store, opI64Store32)
	// Numeric operators take two values or one, and leave one.
	span(-1, opI32Eqz+1, 0x4f)
	span(-1, 0x51, 0x66)
	span(-1, opI32Add, 0x78)
	span(-1, opI64Add, 0x8a)
	span(-1, 0x92, 0x98) // of f32
	span(-1, 0xa0, 0xa6) // of f64
	return t
}()

var vecEffects = func() (t [256]int8) {
	for op := range t {
		t[op] = -1
	}
	for _, span := range [][3]int{
		{0, 10, 0}, {11, 11, -2}, {12, 12, 1}, // loads, the store, the constant
		{15, 22, 0}, {24, 25, 0}, {27, 27, 0}, {29, 29, 0}, {31, 31, 0}, {33, 33, 0}, // splats, extract_lane
		{77, 77, 0}, {82, 82, -2}, {83, 83, 0}, // not, bitselect, any_true
		{88, 91, -2}, {92, 100, 0}, {103, 106, 0}, {116, 117, 0}, {122, 122, 0}, {124, 129, 0}, // store_lane; load_zero and i8x16's
		{131, 132, 0}, {135, 138, 0}, {148, 148, 0}, {160, 161, 0}, {163, 164, 0}, {167, 170, 0}, // i16x8's, i32x4's
		{192, 193, 0}, {195, 196, 0}, {199, 202, 0}, {224, 227, 0}, {236, 239, 0}, {248, 255, 0}, // i64x2's, floats'
	} {
		for op := span[0]; op <= span[1]; op++ {
			t[op] = int8(span[2])
		}
	}
	return t
}()
