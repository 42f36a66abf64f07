package meter

import "slices"

// encode writes the module out. Sections that nothing at run time needs are
// left away; the names stay, for the stack of a trap.
func (m *module) encode() ([]byte, error) {
	code, err := m.codeOut()
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, m.size+len(code)/2)
	out = append(out, "\x00asm\x01\x00\x00\x00"...)
	refuel := m.typeIndex(funcType{})
	funcs := m.functionsOut() // adds types
	section := func(id byte, body []byte) {
		if len(body) > 0 {
			out = appendSection(out, id, body)
		}
	}
	section(secType, m.typesOut())
	section(secImport, m.importsOut(refuel))
	section(secFunction, funcs)
	section(secTable, m.tablesOut())
	section(secMemory, m.memoryOut())
	section(secGlobal, m.globalsOut())
	section(secExport, m.exportsOut())
	if m.hasStart {
		section(secStart, appendU32(nil, shifted(m.start)))
	}
	section(secElement, m.elements)
	if m.hasDataCount {
		section(secDataCount, appendU32(nil, m.dataCount))
	}
	section(secCode, code)
	section(secData, m.data)
	if names := shiftNames(m.names); names != nil {
		section(secCustom, append(appendName(nil, "name"), names...))
	}
	return out, nil
}

func (m *module) codeOut() ([]byte, error) {
	var bodies []byte
	var f function
	m.effort = effort{} // now it is known which calls are counted
	for i := range m.bodies {
		var err error
		if bodies, err = m.rewriteBody(bodies, uint32(m.importedFuncs+i), &f); err != nil {
			return nil, err
		}
	}
	for _, h := range m.helpers {
		b := h.body(m)
		bodies = append(appendU32(bodies, uint32(len(b))), b...)
	}
	n := len(m.bodies) + len(m.helpers)
	if n == 0 {
		return nil, nil
	}
	return append(appendU32(nil, uint32(n)), bodies...), nil
}

// typeIndex finds a function type, or adds it.
func (m *module) typeIndex(t funcType) uint32 {
	i := slices.IndexFunc(m.types, func(o funcType) bool {
		return slices.Equal(o.params, t.params) && slices.Equal(o.results, t.results)
	})
	if i < 0 {
		i = len(m.types)
		m.types = append(m.types, t)
	}
	return uint32(i)
}

func (m *module) typesOut() []byte {
	b := appendU32(nil, uint32(len(m.types)))
	for _, t := range m.types {
		b = appendU32(append(b, 0x60), uint32(len(t.params)))
		b = append(b, t.params...)
		b = append(appendU32(b, uint32(len(t.results))), t.results...)
	}
	return b
}

func (m *module) importsOut(refuel uint32) []byte {
	b := appendU32(nil, uint32(len(m.imports)+1))
	b = appendU32(append(appendName(appendName(b, Module), Refuel), kindFunc), refuel)
	for _, e := range m.imports {
		b = append(appendName(appendName(b, e.module), e.name), e.kind)
		if e.kind == kindFunc {
			b = appendU32(b, e.typ)
		} else {
			b = appendGlobalType(b, e.global)
		}
	}
	return b
}

func appendGlobalType(b []byte, g globalType) []byte {
	if g.mutable {
		return append(b, g.typ, 1)
	}
	return append(b, g.typ, 0)
}

func (m *module) functionsOut() []byte {
	own := m.funcs[m.importedFuncs:]
	n := len(own) + len(m.helpers)
	if n == 0 {
		return nil
	}
	b := appendU32(nil, uint32(n))
	for _, t := range own {
		b = appendU32(b, t)
	}
	for _, h := range m.helpers {
		b = appendU32(b, m.typeIndex(h.signature(m)))
	}
	return b
}

func appendLimits(b []byte, l limits) []byte {
	if !l.bounded {
		return appendU32(append(b, 0), l.min)
	}
	return appendU32(appendU32(append(b, 1), l.min), l.max)
}

func (m *module) tablesOut() []byte {
	if len(m.tables) == 0 {
		return nil
	}
	b := appendU32(nil, uint32(len(m.tables)))
	for _, t := range m.tables {
		b = appendLimits(append(b, t.typ), t.limits)
	}
	return b
}

func (m *module) memoryOut() []byte {
	if m.memory == nil {
		return nil
	}
	return appendLimits([]byte{1}, *m.memory)
}

func (m *module) globalsOut() []byte {
	own := m.globals[m.importedGlobs:]
	n := len(own) + 1
	if m.counted != nil {
		n++
	}
	b := appendU32(nil, uint32(n))
	for i, g := range own {
		b = append(appendGlobalType(b, g), m.globalInits[i]...)
	}
	b = append(b, typeI64, 1, opI64Const, 0, opEnd)
	if m.counted != nil {
		b = appendS64(append(b, typeI64, 1, opI64Const), int64(m.o.Depth)<<10)
		b = append(b, opEnd)
	}
	return b
}

func (m *module) exportsOut() []byte {
	n := len(m.exports) + 1
	if m.counted != nil {
		n++
	}
	b := appendU32(nil, uint32(n))
	for _, e := range m.exports {
		if e.kind == kindFunc {
			e.index = shifted(e.index)
		}
		b = appendU32(append(appendName(b, e.name), e.kind), e.index)
	}
	b = appendU32(append(appendName(b, Fuel), kindGlobal), m.fuelIndex())
	if m.counted != nil {
		b = appendU32(append(appendName(b, Depth), kindGlobal), m.depthIndex())
	}
	return b
}
