package meter

// tableOp writes table.copy, table.fill, table.init or table.grow. A table
// is bounded to so few entries that the longest operation is not worth
// breaking up: it pays for its length, or for the table's size when that is
// less, and runs.
func (h helper) tableOp(m *module, w *writer) {
	size, n := h.a, uint32(2)
	switch h.op {
	case opTableInit:
		size = h.b
	case opTableGrow:
		n = 1
	}
	units := n + 1
	w.op(1, 1, typeI32) // one local: entries to pay for
	if h.op == opTableGrow {
		// An engine may copy the whole table to a larger place. One that
		// would become too large stays where it is.
		w.get(n)
		w.i32(int32(m.tables[size].max))
		w.op(opI32LeU, opIf, blockEmpty)
		w.get(n)
		w.tableSize(size)
		w.op(opI32Add)
		w.set(units)
		w.op(opEnd)
	} else {
		w.get(n)
		w.tableSize(size)
		w.get(n)
		w.tableSize(size)
		w.op(opI32LtU, opSelect)
		w.set(units)
	}
	w.payFor(units, tableShift)
	for i := range n + 1 {
		w.get(i)
	}
	w.original(h)
}

func (w *writer) tableSize(table uint32) {
	w.op(prefixMisc, opTableSize&^misc)
	w.b = appendU32(w.b, table)
}
