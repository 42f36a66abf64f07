package meter

// constExpr decodes an initial value or offset and returns it with its
// function index shifted.
func (m *module) constExpr(r *reader) []byte {
	var out []byte
	for r.err == nil {
		at := r.i
		switch op := r.u8(); op {
		case opEnd:
			return append(out, opEnd)
		case opI32Const:
			r.signed(32)
		case opI64Const:
			r.signed(64)
		case opF32Const:
			r.bytes(4)
		case opF64Const:
			r.bytes(8)
		case opGlobalGet:
			m.checkGlobal(r, r.u32())
		case opRefNull:
			m.refType(r)
		case opRefFunc:
			f := r.u32()
			if m.checkFunc(r, f) {
				m.reach(f, byTable)
				out = appendU32(append(out, opRefFunc), f+1)
			}
			continue
		case prefixVec:
			if r.u8() != 12 {
				r.failf("vector instruction in a constant expression")
			}
			r.bytes(16)
		default:
			r.failf("instruction %#x in a constant expression", op)
		}
		if r.err == nil {
			out = append(out, r.b[at:r.i]...)
		}
	}
	return nil
}

func (m *module) refType(r *reader) byte {
	t := r.u8()
	if t != typeFuncref && t != typeExternref {
		r.failf("reference type %#x is not supported", t)
	}
	return t
}

// elementSection decodes the element segments and writes them again with
// their function indices shifted. The flags' bits say: 1 passive or
// declarative, 2 an explicit table or declarative, 4 expressions.
func (m *module) elementSection(r *reader) {
	n := r.count("element segments", m.o.Segments)
	out := appendU32(nil, uint32(n))
	for range n {
		flags := r.u32()
		if flags > 7 {
			r.failf("element segment of kind %d is unknown", flags)
		}
		out = appendU32(out, flags)
		active, exprs := flags&1 == 0, flags&4 != 0
		if active && flags&2 != 0 {
			t := r.u32()
			if r.err == nil && uint64(t) >= uint64(len(m.tables)) {
				r.failf("table %d does not exist", t)
			}
			out = appendU32(out, t)
		}
		if active {
			out = append(out, m.constExpr(r)...)
		}
		if flags&3 != 0 {
			kind := r.u8()
			if exprs && kind != typeFuncref && kind != typeExternref || !exprs && kind != 0 {
				r.failf("element segment of type %#x is not supported", kind)
			}
			out = append(out, kind)
		}
		items := r.count("elements", int(m.o.TableEntries))
		if r.err != nil {
			return
		}
		out = appendU32(out, uint32(items))
		for range items {
			if exprs {
				out = append(out, m.constExpr(r)...)
			} else if f := r.u32(); m.checkFunc(r, f) {
				m.reach(f, byTable)
				out = appendU32(out, f+1)
			}
			if r.err != nil {
				return
			}
		}
		m.segments = append(m.segments, uint32(items))
	}
	m.elements = out
}

// dataSection checks the data segments and keeps them as they are.
func (m *module) dataSection(r *reader) {
	at := r.i
	n := r.count("data segments", m.o.Segments)
	for range n {
		flags := r.u32()
		switch {
		case r.err == nil && flags > 2:
			r.failf("data segment of kind %d is unknown", flags)
		case flags == 2 && r.u32() != 0:
			r.failf("data segment for another memory than the first")
		}
		if flags != 1 {
			m.constExpr(r)
		}
		b := r.bytes(r.u32())
		if r.err != nil {
			return
		}
		m.dataLens = append(m.dataLens, uint32(len(b)))
	}
	m.data = r.b[at:r.i]
}
