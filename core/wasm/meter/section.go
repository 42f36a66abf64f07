package meter

import "fmt"

// mostListed is how many custom sections, and how many producers, are told.
const mostListed = 100

func (m *module) custom(r *reader) {
	name := r.name()
	if r.err != nil {
		return
	}
	rest := r.bytes(uint32(r.left()))
	if len(m.listed) < mostListed {
		m.listed = append(m.listed, Custom{name, len(rest)})
	}
	if name == "name" {
		if m.names != nil {
			r.failf("custom section \"name\" is doubled")
		}
		m.names = rest
		return
	}
	m.customs[name] = rest
}

func (m *module) typeSection(r *reader) {
	n := r.count("types", m.o.Types)
	m.types = make([]funcType, 0, n)
	for range n {
		if form := r.u8(); form != 0x60 {
			r.failf("type %d has form %#x: only function types are supported", len(m.types), form)
		}
		params := m.valueTypes(r, "parameters")
		m.types = append(m.types, funcType{params, m.valueTypes(r, "results")})
		if r.err != nil {
			return
		}
	}
}

func (m *module) valueTypes(r *reader, what string) []byte {
	b := r.bytes(uint32(r.count(what, m.o.Params)))
	for _, t := range b {
		if !isValueType(t) {
			r.failf("value type %#x is not supported", t)
		}
	}
	return b
}

func (m *module) importSection(r *reader) {
	n := r.count("imports", m.o.Imports)
	m.imports = make([]importEntry, 0, n)
	for range n {
		e := importEntry{module: r.name(), name: r.name(), kind: r.u8()}
		if r.err != nil {
			return
		}
		switch e.kind {
		case kindFunc:
			e.typ = r.u32()
			m.checkType(r, e.typ)
			m.funcs = append(m.funcs, e.typ)
			m.importedFuncs++
		case kindGlobal:
			e.global = m.globalType(r)
			m.globals = append(m.globals, e.global)
			m.importedGlobs++
		case kindTable, kindMemory:
			r.failf("import %q %q is a %s: a guest must bring its own, linked with its memory defined and exported",
				e.module, e.name, [...]string{kindTable: "table", kindMemory: "memory"}[e.kind])
		default:
			r.failf("import %q %q is of unknown kind %#x", e.module, e.name, e.kind)
		}
		if e.module == Module {
			r.failf("import %q %q: the module is metered already, or takes a reserved name", e.module, e.name)
		}
		if r.err != nil {
			return
		}
		m.imports = append(m.imports, e)
	}
}

func (m *module) functionSection(r *reader) {
	n := r.count("functions", m.o.Functions)
	if len(m.funcs)+n > m.o.Functions {
		r.failf("%d functions, more than the %d allowed", len(m.funcs)+n, m.o.Functions)
		return
	}
	for range n {
		t := r.u32()
		if m.checkType(r, t); r.err != nil {
			return
		}
		m.funcs = append(m.funcs, t)
	}
}

func (m *module) limits(r *reader) limits {
	flag := r.u8()
	if flag > 1 {
		r.failf("limits of kind %#x: shared and 64-bit memories are not supported", flag)
	}
	l := limits{min: r.u32(), bounded: flag == 1}
	if l.bounded {
		if l.max = r.u32(); r.err == nil && l.max < l.min {
			r.failf("maximum %d is below minimum %d", l.max, l.min)
		}
		l.own = l.max
	}
	return l
}

func (m *module) tableSection(r *reader) {
	n := r.count("tables", m.o.Tables)
	for range n {
		t := table{typ: r.u8()}
		if t.typ != typeFuncref && t.typ != typeExternref {
			r.failf("table %d holds type %#x: only funcref and externref are supported", len(m.tables), t.typ)
		}
		t.limits = m.limits(r)
		if r.err == nil && t.min > m.o.TableEntries {
			r.failf("table %d begins with %d entries, more than the %d allowed", len(m.tables), t.min, m.o.TableEntries)
		}
		if r.err != nil {
			return
		}
		if !t.bounded || t.max > m.o.TableEntries {
			t.bounded, t.max = true, m.o.TableEntries
		}
		m.tables = append(m.tables, t)
	}
}

func (m *module) memorySection(r *reader) {
	n := r.count("memories", 1)
	if n == 0 {
		return
	}
	l := m.limits(r)
	if r.err == nil && l.min > m.o.MemoryPages {
		r.failf("the memory begins with %d pages of 64 KiB, more than the %d allowed: raise \"memory\"", l.min, m.o.MemoryPages)
	}
	if r.err == nil && l.bounded && l.max > 65536 {
		r.failf("the memory's maximum is %d pages, more than the 65536 a module can address", l.max)
	}
	if !l.bounded || l.max > m.o.MemoryPages {
		l.bounded, l.max = true, m.o.MemoryPages
	}
	m.memory = &l
}

func (m *module) globalType(r *reader) globalType {
	g := globalType{typ: r.u8()}
	if !isValueType(g.typ) {
		r.failf("global of type %#x is not supported", g.typ)
	}
	mut := r.u8()
	if mut > 1 {
		r.failf("mutability %#x of a global is unknown", mut)
	}
	g.mutable = mut == 1
	return g
}

func (m *module) globalSection(r *reader) {
	n := r.count("globals", m.o.Globals)
	if len(m.globals)+n > m.o.Globals {
		r.failf("%d globals, more than the %d allowed", len(m.globals)+n, m.o.Globals)
		return
	}
	for range n {
		g := m.globalType(r)
		init := m.constExpr(r)
		if r.err != nil {
			return
		}
		m.globals = append(m.globals, g)
		m.globalInits = append(m.globalInits, init)
	}
}

func (m *module) exportSection(r *reader) {
	n := r.count("exports", m.o.Exports)
	seen := make(map[string]bool, n)
	for range n {
		e := exportEntry{name: r.name(), kind: r.u8(), index: r.u32()}
		if r.err != nil {
			return
		}
		count := 0
		switch e.kind {
		case kindFunc:
			if count = len(m.funcs); m.checkFunc(r, e.index) {
				m.reach(e.index, byHost)
			}
		case kindTable:
			count = len(m.tables)
		case kindMemory:
			if m.memory != nil {
				count = 1
			}
		case kindGlobal:
			count = len(m.globals)
		default:
			r.failf("export %q is of unknown kind %#x", e.name, e.kind)
		}
		if r.err == nil && uint64(e.index) >= uint64(count) {
			r.failf("export %q names index %d, there are %d", e.name, e.index, count)
		}
		if e.name == Fuel || e.name == Depth {
			r.failf("export %q is a reserved name", e.name)
		}
		if seen[e.name] {
			r.failf("export %q is doubled", e.name)
		}
		if r.err != nil {
			return
		}
		seen[e.name] = true
		m.exports = append(m.exports, e)
	}
}

// reach notes how a function can be called other than directly.
func (m *module) reach(i uint32, how reached) {
	if m.reached == nil {
		m.reached = make([]reached, len(m.funcs))
	}
	m.reached[i] |= how
}

// reachedBy says whether one of the module's own functions can be called so.
func (m *module) reachedBy(own int, how reached) bool {
	return m.reached != nil && m.reached[m.importedFuncs+own]&how != 0
}

func (m *module) codeSection(r *reader) {
	n := r.count("function bodies", m.o.Functions)
	if own := len(m.funcs) - m.importedFuncs; r.err == nil && n != own {
		r.failf("%d function bodies for %d functions", n, own)
		return
	}
	m.bodies = make([]body, 0, n)
	for i := range n {
		size := r.u32()
		if r.err == nil && uint64(size) > uint64(m.o.BodyBytes) {
			r.failf("function %d has a body of %d bytes, more than the %d allowed", m.importedFuncs+i, size, m.o.BodyBytes)
		}
		b := body{offset: r.offset(), code: r.bytes(size)}
		if r.err != nil {
			return
		}
		m.localDecls(&b, uint32(m.importedFuncs+i), r)
		if r.err != nil {
			return
		}
		m.bodies = append(m.bodies, b)
	}
}

// localDecls counts a function's locals. A handful of bytes may declare four
// thousand million of them.
func (m *module) localDecls(b *body, fn uint32, outer *reader) {
	r := &reader{b: b.code, base: b.offset}
	params := m.types[m.funcs[fn]].params
	sum, bytes := uint64(len(params)), uint32(0)
	for _, t := range params {
		bytes += sizeOf(t)
	}
	for range r.count("groups of locals", m.o.Locals) {
		n, t := r.u32(), r.u8()
		if r.err == nil && !isValueType(t) {
			r.failf("local of type %#x is not supported", t)
		}
		if sum += uint64(n); r.err == nil && sum > uint64(m.o.Locals) {
			r.failf("%d locals or more, beyond the %d allowed", sum, m.o.Locals)
		}
		if r.err != nil {
			break
		}
		bytes += n * sizeOf(t)
	}
	if r.err != nil {
		outer.err = fmt.Errorf("function %d: %w", fn, r.err)
		return
	}
	b.started, b.locals, b.localBytes = r.i, uint32(sum), bytes
}

func sizeOf(t byte) uint32 {
	if t == typeV128 {
		return 16
	}
	return 8
}
