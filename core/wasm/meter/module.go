package meter

import (
	"bytes"
	"fmt"
)

// Section numbers of the binary format.
const (
	secCustom = iota
	secType
	secImport
	secFunction
	secTable
	secMemory
	secGlobal
	secExport
	secStart
	secElement
	secCode
	secData
	secDataCount
)

var sectionNames = [...]string{"custom", "type", "import", "function", "table", "memory",
	"global", "export", "start", "element", "code", "data", "data count"}

// sectionOrder is a section's rank: the data count stands before the code.
var sectionOrder = [...]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 10}

// Kinds of imports and exports.
const (
	kindFunc = iota
	kindTable
	kindMemory
	kindGlobal
)

type funcType struct{ params, results []byte }

type limits struct {
	min, max uint32
	own      uint32 // the maximum as the module has it, 0 for none
	bounded  bool
}

type table struct {
	typ byte
	limits
}

type globalType struct {
	typ     byte
	mutable bool
}

type importEntry struct {
	module, name string
	kind         byte
	typ          uint32     // of a function
	global       globalType // of a global
}

type exportEntry struct {
	name  string
	kind  byte
	index uint32
}

// reached says how a function can be called beside directly.
type reached uint8

const (
	byHost  reached = 1 << iota // it is exported or the start function
	byTable                     // a table may hold it
)

// module is a decoded module. Function indices in it are those of the
// original; what is written out is one higher.
type module struct {
	o    Options
	size int

	types   []funcType
	imports []importEntry
	// funcs holds the type of every function, the imported ones first.
	funcs         []uint32
	importedFuncs int
	tables        []table
	memory        *limits
	globals       []globalType
	importedGlobs int
	globalInits   [][]byte // rewritten initial values of the module's own globals
	exports       []exportEntry
	start         uint32
	hasStart      bool
	elements      []byte   // the section's body, rewritten
	segments      []uint32 // lengths of element segments
	dataCount     uint32
	hasDataCount  bool
	bodies        []body
	data          []byte // the section's body, as it was
	dataLens      []uint32
	names         []byte // custom section "name", as it was
	customs       map[string][]byte
	listed        []Custom  // the first of them, for people
	reached       []reached // by function

	free         []int32  // by own function: what its callers pay for it, or -1
	indirectCost int      // the dearest free function call_indirect may reach
	counted      *counted // nil when no call can come back
	helpers      []helper
	helperIndex  map[helper]uint32
	scratch      []byte
	effort       effort
}

// body is a function's code as it was.
type body struct {
	code       []byte // locals and instructions
	offset     int    // of code in the module
	started    int    // where in code the instructions begin
	locals     uint32 // parameters included
	localBytes uint32 // what they may take in a frame, bytes
}

func decode(code []byte, o Options) (*module, error) {
	if len(code) > o.ModuleBytes {
		return nil, fmt.Errorf("the module has %d bytes, more than the %d allowed", len(code), o.ModuleBytes)
	}
	if !bytes.HasPrefix(code, []byte("\x00asm")) {
		return nil, fmt.Errorf("not a WebAssembly module: it does not begin with \"\\x00asm\"")
	}
	if len(code) < 8 || !bytes.Equal(code[4:8], []byte{1, 0, 0, 0}) {
		return nil, fmt.Errorf("not a WebAssembly core module of version 1 (a component must be turned into a core module first)")
	}
	m := &module{o: o, size: len(code), customs: map[string][]byte{}}
	r := &reader{b: code, i: 8}
	last := 0
	for r.left() > 0 && r.err == nil {
		at := r.offset()
		id := r.u8()
		if int(id) >= len(sectionNames) {
			return nil, fmt.Errorf("section %d at offset %#x is unknown: exceptions and other proposals are not supported", id, at)
		}
		size := r.u32()
		base := r.offset()
		s := &reader{b: r.bytes(size), base: base}
		if r.err != nil {
			break
		}
		if id != secCustom {
			if sectionOrder[id] <= last {
				return nil, fmt.Errorf("section %s at offset %#x is out of order or doubled", sectionNames[id], at)
			}
			last = sectionOrder[id]
		}
		m.section(id, s)
		if s.err == nil && s.left() > 0 {
			s.failf("%d bytes too many", s.left())
		}
		if s.err != nil {
			return nil, fmt.Errorf("section %s: %w", sectionNames[id], s.err)
		}
	}
	if r.err != nil {
		return nil, fmt.Errorf("reading sections: %w", r.err)
	}
	return m, m.consistent()
}

func (m *module) section(id byte, r *reader) {
	switch id {
	case secCustom:
		m.custom(r)
	case secType:
		m.typeSection(r)
	case secImport:
		m.importSection(r)
	case secFunction:
		m.functionSection(r)
	case secTable:
		m.tableSection(r)
	case secMemory:
		m.memorySection(r)
	case secGlobal:
		m.globalSection(r)
	case secExport:
		m.exportSection(r)
	case secStart:
		m.start, m.hasStart = r.u32(), true
		if m.checkFunc(r, m.start) {
			m.reach(m.start, byHost)
		}
	case secElement:
		m.elementSection(r)
	case secCode:
		m.codeSection(r)
	case secData:
		m.dataSection(r)
	case secDataCount:
		m.dataCount, m.hasDataCount = r.u32(), true
	}
}

// consistent checks what spans sections.
func (m *module) consistent() error {
	if own := len(m.funcs) - m.importedFuncs; own != len(m.bodies) {
		return fmt.Errorf("%d functions are declared and %d have a body", own, len(m.bodies))
	}
	if m.hasDataCount && int(m.dataCount) != len(m.dataLens) {
		return fmt.Errorf("%d data segments are announced and %d are there", m.dataCount, len(m.dataLens))
	}
	return nil
}

// checkFunc refuses an index that names no function of the original: behind
// those stand the ones the pass adds.
func (m *module) checkFunc(r *reader, i uint32) bool {
	if r.err == nil && uint64(i) >= uint64(len(m.funcs)) {
		r.failf("function %d does not exist, there are %d", i, len(m.funcs))
	}
	return r.err == nil
}

func (m *module) checkGlobal(r *reader, i uint32) {
	if r.err == nil && uint64(i) >= uint64(len(m.globals)) {
		r.failf("global %d does not exist, there are %d", i, len(m.globals))
	}
}

func (m *module) checkType(r *reader, i uint32) {
	if r.err == nil && uint64(i) >= uint64(len(m.types)) {
		r.failf("type %d does not exist, there are %d", i, len(m.types))
	}
}
