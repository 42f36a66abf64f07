package meter

// instruction is one decoded instruction. What a and b hold depends on op:
// the index or label, a constant's value, how many values a block takes and
// leaves, the number of a br_table's targets and where they begin.
type instruction struct {
	op         int
	start, end int // in the body
	a, b       uint32
}

// next decodes an instruction. Where engines are known to read an encoding
// less exactly than the specification allows it to be written, only the
// shortest form is taken: what was vetted must be what runs.
func (m *module) next(r *reader, in *instruction) {
	in.start = r.i
	op := int(r.u8())
	in.op, in.a, in.b = op, 0, 0
	switch {
	case r.err != nil:
	case op == prefixMisc:
		m.miscInstruction(r, in)
	case op == prefixVec:
		m.vecInstruction(r, in)
	case op >= opI32Load && op <= opI64Store32:
		memArg(r)
	case op >= opI32Eqz && op <= opLastNumeric:
	default:
		m.plainInstruction(r, in)
	}
	in.end = r.i
}

func (m *module) plainInstruction(r *reader, in *instruction) {
	switch in.op {
	case opUnreachable, 0x01, opElse, opEnd, opReturn, opDrop, opSelect, opRefIsNull:
	case opBlock, opLoop, opIf:
		in.a, in.b = m.blockType(r)
	case opBr, opBrIf:
		in.a = r.u32()
	case opBrTable:
		in.a = uint32(r.count("br_table targets", m.o.BranchTable)) + 1
		in.b = uint32(r.i)
		for range in.a {
			r.u32()
			if r.err != nil {
				return
			}
		}
	case opCall:
		in.a = r.u32()
		m.checkFunc(r, in.a)
	case opRefFunc:
		if in.a = r.u32(); m.checkFunc(r, in.a) {
			m.reach(in.a, byTable)
		}
	case opCallIndirect:
		in.a = r.u32()
		m.checkType(r, in.a)
		in.b = r.u32()
		m.checkTable(r, in.b)
	case opSelectTyped:
		if r.u8() != 1 || !isValueType(r.u8()) {
			r.failf("select of other than one known type")
		}
	case opLocalGet, opLocalSet, opLocalTee:
		in.a = r.u32() // the caller knows how many there are
	case opGlobalGet, opGlobalSet:
		in.a = r.u32()
		m.checkGlobal(r, in.a)
	case opTableGet, opTableSet:
		in.a = r.u32()
		m.checkTable(r, in.a)
	case opMemorySize, opMemoryGrow:
		m.zero(r)
	case opI32Const:
		in.a = uint32(r.signed(32))
	case opI64Const:
		r.signed(64)
	case opF32Const:
		r.bytes(4)
	case opF64Const:
		r.bytes(8)
	case opRefNull:
		m.refType(r)
	default:
		r.failf("instruction %#x is not supported (threads, tail calls, exceptions and garbage collection are not)", in.op)
	}
}

func (m *module) miscInstruction(r *reader, in *instruction) {
	sub := int(r.u8())
	in.op = misc | sub
	switch {
	case sub <= 7:
	case in.op == opMemoryInit:
		in.a = m.dataIndex(r)
		m.zero(r)
	case in.op == opDataDrop:
		in.a = m.dataIndex(r)
	case in.op == opMemoryCopy:
		m.zero(r)
		m.zero(r)
	case in.op == opMemoryFill:
		m.zero(r)
	case in.op == opTableInit:
		in.a, in.b = m.elemIndex(r), r.u32()
		m.checkTable(r, in.b)
	case in.op == opElemDrop:
		in.a = m.elemIndex(r)
	case in.op == opTableCopy:
		in.a, in.b = r.u32(), r.u32()
		m.checkTable(r, in.a)
		m.checkTable(r, in.b)
	case in.op <= opTableFill:
		in.a = r.u32()
		m.checkTable(r, in.a)
	default:
		r.failf("instruction 0xfc %#x is not supported", sub)
	}
}

func (m *module) vecInstruction(r *reader, in *instruction) {
	sub := int(r.u8())
	if sub >= 0x80 && r.u8() != 1 {
		r.failf("vector instruction %#x is not supported", sub)
	}
	in.op = vec | sub
	switch {
	case sub <= 11, sub == 92, sub == 93:
		memArg(r)
	case sub == 12, sub == 13:
		r.bytes(16)
	case sub >= 21 && sub <= 34:
		r.u8()
	case sub >= 84 && sub <= 91:
		memArg(r)
		r.u8()
	}
}

// memArg skips an alignment and an offset. Alignments above 2^5 would be
// further memories or 64-bit ones.
func memArg(r *reader) {
	if align := r.u32(); align >= 32 {
		r.failf("alignment 2^%d: several memories are not supported", align)
	}
	r.u32()
}

// zero skips the index of the memory an instruction is about.
func (m *module) zero(r *reader) {
	if r.u8() != 0 {
		r.failf("several memories are not supported")
	}
	if m.memory == nil {
		r.failf("instruction on a memory the module does not have")
	}
}

// blockType returns how many values a block takes from the stack and leaves.
func (m *module) blockType(r *reader) (params, results uint32) {
	if r.err == nil && r.i < len(r.b) && (r.b[r.i] == blockEmpty || isValueType(r.b[r.i])) {
		if r.b[r.i] != blockEmpty {
			results = 1
		}
		r.i++
		return 0, results
	}
	t := r.signed(33)
	if r.err == nil && (t < 0 || t >= int64(len(m.types))) {
		r.failf("block type %d is unknown", t)
	}
	if r.err != nil {
		return 0, 0
	}
	return uint32(len(m.types[t].params)), uint32(len(m.types[t].results))
}

func (m *module) checkTable(r *reader, i uint32) {
	if r.err == nil && uint64(i) >= uint64(len(m.tables)) {
		r.failf("table %d does not exist, there are %d", i, len(m.tables))
	}
}

func (m *module) dataIndex(r *reader) uint32 {
	i := r.u32()
	if r.err == nil && (!m.hasDataCount || i >= m.dataCount) {
		r.failf("data segment %d is not announced", i)
	}
	return i
}

func (m *module) elemIndex(r *reader) uint32 {
	i := r.u32()
	if r.err == nil && uint64(i) >= uint64(len(m.segments)) {
		r.failf("element segment %d does not exist, there are %d", i, len(m.segments))
	}
	return i
}
