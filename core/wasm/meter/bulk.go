package meter

// piece is the most a bulk memory operation moves between two looks at the
// fuel, bytes.
const piece = 64 << 10

// What bulk operations cost beside their instruction.
const (
	bulkShift    = 5    // 32 bytes of memory a unit
	tableShift   = 1    // 2 entries of a table a unit
	pageCost     = 4096 // a page of 64 KiB that the memory grows by, units
	smallestBulk = 3    // units
)

// smallBulk says whether a bulk operation's length is a constant no longer
// than a piece, and what it costs then.
func smallBulk(prev, in *instruction) (int, bool) {
	if isMemoryBulk(in.op) && prev.op == opI32Const && prev.end == in.start && prev.a <= piece {
		return int(prev.a)*perUnit>>bulkShift + smallestBulk*perUnit, true
	}
	return smallestBulk * perUnit, false
}

// isBulk says whether an instruction's work depends on an operand.
func isBulk(op int) bool {
	return op >= opMemoryInit && op <= opTableFill && op != opDataDrop && op != opElemDrop && op != opTableSize ||
		op == opMemoryGrow
}

// isMemoryBulk says whether it is one on memory with three operands.
func isMemoryBulk(op int) bool {
	return op == opMemoryInit || op == opMemoryCopy || op == opMemoryFill
}

// helper is a function the pass adds: a bulk operation that pays by its
// length, and in pieces when it is long.
type helper struct {
	op   int
	a, b uint32 // the instruction's indices
}

// helper returns the index of the helper for an instruction.
func (m *module) helper(in *instruction) uint32 {
	h := helper{in.op, in.a, in.b}
	if m.helperIndex == nil {
		m.helperIndex = map[helper]uint32{}
	}
	i, ok := m.helperIndex[h]
	if !ok {
		i = uint32(len(m.helpers))
		m.helperIndex[h] = i
		m.helpers = append(m.helpers, h)
	}
	return shifted(uint32(len(m.funcs))) + i
}

// signature is the helper's function type.
func (h helper) signature(m *module) funcType {
	i32s := []byte{typeI32, typeI32, typeI32}
	switch h.op {
	case opMemoryGrow:
		return funcType{i32s[:1], i32s[:1]}
	case opTableGrow:
		return funcType{[]byte{m.tables[h.a].typ, typeI32}, i32s[:1]}
	case opTableFill:
		return funcType{[]byte{typeI32, m.tables[h.a].typ, typeI32}, nil}
	}
	return funcType{i32s, nil}
}

// writer assembles a helper's body.
type writer struct {
	b    []byte
	fuel uint32
}

func (w *writer) op(ops ...byte)          { w.b = append(w.b, ops...) }
func (w *writer) index(op byte, i uint32) { w.b = appendU32(append(w.b, op), i) }
func (w *writer) get(i uint32)            { w.index(opLocalGet, i) }
func (w *writer) set(i uint32)            { w.index(opLocalSet, i) }
func (w *writer) i32(v int32)             { w.b = appendS64(append(w.b, opI32Const), int64(v)) }
func (w *writer) i64(v int64)             { w.b = appendS64(append(w.b, opI64Const), v) }

// pay takes an i64 of units, which amount leaves on the stack, from the fuel
// and looks at it.
func (w *writer) pay(amount func()) {
	w.index(opGlobalGet, w.fuel)
	amount()
	w.op(opI64Sub)
	w.index(opGlobalSet, w.fuel)
	w.index(opGlobalGet, w.fuel)
	w.i64(0)
	w.op(opI64LtS, opIf, blockEmpty)
	w.index(opCall, refuelIndex)
	w.op(opEnd)
}

// wide leaves a local as an unsigned i64 on the stack.
func (w *writer) wide(local uint32) {
	w.get(local)
	w.op(opI64ExtendU)
}

// payFor pays for a local's worth of bytes or entries.
func (w *writer) payFor(local uint32, shift int64) {
	w.pay(func() {
		w.wide(local)
		w.i64(shift)
		w.op(opI64ShrU)
	})
}

// original is the instruction itself, its operands being on the stack.
func (w *writer) original(h helper) {
	w.op(prefixMisc, byte(h.op&^misc))
	switch h.op {
	case opMemoryInit:
		w.b = append(appendU32(w.b, h.a), 0)
	case opMemoryCopy:
		w.op(0, 0)
	case opMemoryFill:
		w.op(0)
	case opTableInit, opTableCopy:
		w.b = appendU32(appendU32(w.b, h.a), h.b)
	default:
		w.b = appendU32(w.b, h.a)
	}
}

// body writes the helper's body, locals included.
func (h helper) body(m *module) []byte {
	w := &writer{fuel: m.fuelIndex()}
	switch h.op {
	case opMemoryCopy, opMemoryFill, opMemoryInit:
		h.memory(m, w)
	case opMemoryGrow:
		h.memoryGrow(m, w)
	default:
		h.tableOp(m, w)
	}
	w.op(opEnd)
	return w.b
}
