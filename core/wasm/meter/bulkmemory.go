package meter

// memory writes memory.copy, memory.fill or memory.init of (to, from, n),
// where from is a value for fill.
//
// They are longer than a piece. One that is out of bounds runs as it is: it
// traps before it has changed anything, and so costs nothing. Any other is
// within bounds and runs in pieces; copies towards higher addresses begin at
// the end, as the overlap demands.
func (h helper) memory(m *module, w *writer) {
	const to, from, n = 0, 1, 2
	w.op(0) // no locals beside the parameters
	h.outside(m, w)
	w.op(opIf, blockEmpty)
	h.run(w, n)
	w.op(opReturn, opEnd)

	if h.op == opMemoryCopy {
		w.get(to)
		w.get(from)
		w.op(opI32GtU, opIf, blockEmpty)
		h.backward(w)
		w.op(opReturn, opEnd)
	}
	w.op(opLoop, blockEmpty)
	w.pay(func() { w.i64(piece >> bulkShift) })
	w.get(to)
	w.get(from)
	w.i32(piece)
	w.original(h)
	w.step(to, opI32Add)
	if h.op != opMemoryFill {
		w.step(from, opI32Add)
	}
	w.step(n, opI32Sub)
	w.get(n)
	w.i32(piece)
	w.op(opI32GtU, opBrIf, 0, opEnd)
	w.payFor(n, bulkShift)
	h.run(w, n)
}

// run is the operation with the given length.
func (h helper) run(w *writer, n uint32) {
	w.get(0)
	w.get(1)
	w.get(n)
	w.original(h)
}

// step moves a local by a piece.
func (w *writer) step(local uint32, op byte) {
	w.get(local)
	w.i32(piece)
	w.op(op)
	w.set(local)
}

// backward copies the last pieces first, and leaves the first bytes for the
// end.
func (h helper) backward(w *writer) {
	const to, from, n = 0, 1, 2
	w.op(opLoop, blockEmpty)
	w.pay(func() { w.i64(piece >> bulkShift) })
	w.step(n, opI32Sub)
	for _, base := range []uint32{to, from} {
		w.get(base)
		w.get(n)
		w.op(opI32Add)
	}
	w.i32(piece)
	w.original(h)
	w.get(n)
	w.i32(piece)
	w.op(opI32GtU, opBrIf, 0, opEnd)
	w.payFor(n, bulkShift)
	h.run(w, n)
}

// outside leaves on the stack whether the operation is out of bounds.
func (h helper) outside(m *module, w *writer) {
	const to, from, n = 0, 1, 2
	beyond := func(base uint32, size func()) {
		w.wide(base)
		w.wide(n)
		w.op(opI64Add)
		size()
		w.op(opI64GtU)
	}
	memory := func() {
		w.op(opMemorySize, 0, opI64ExtendU)
		w.i64(16)
		w.op(opI64Shl)
	}
	beyond(to, memory)
	switch h.op {
	case opMemoryCopy:
		beyond(from, memory)
		w.op(opI32Or)
	case opMemoryInit:
		beyond(from, func() { w.i64(int64(m.dataLens[h.a])) })
		w.op(opI32Or)
	}
}

// memoryGrow pays for the pages it asks for, unless there can't be as many.
func (h helper) memoryGrow(m *module, w *writer) {
	w.op(0)
	w.get(0)
	w.i32(int32(m.memory.max))
	w.op(opI32LeU, opIf, blockEmpty)
	w.pay(func() {
		w.wide(0)
		w.i64(pageCost)
		w.op(opI64Mul)
	})
	w.op(opEnd)
	w.get(0)
	w.op(opMemoryGrow, 0)
}
