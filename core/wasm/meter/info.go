package meter

import "strings"

// Info is what a module says of itself, for people and for choices such as
// its default memory.
type Info struct {
	Imports    []Import
	Exports    []Export
	MemoryMin  uint32 // pages
	MemoryMax  uint32 // pages, as clamped
	MemoryOwn  uint32 // pages, the maximum it has itself; 0 for none
	Tables     int
	Entries    int // with which its tables begin
	Functions  int // its own
	Loops      int // metered ones
	Recursive  bool
	Recursion  Recursion
	Start      bool // it has a start function
	SizeBefore int
	SizeAfter  int
	Language   Language
	Evidence   string     // what tells the language, in words
	Producers  []Producer // the section of that name
	Customs    []Custom   // custom sections in their order, the first 100
	ABI        []string   // exports that mark versions of a filter ABI, as they are named
}

// Recursion is how a module can call back to where it is.
type Recursion struct {
	Functions int // its own that can come back to themselves
	Frame     int // bytes of native stack of the smallest of them, estimated
}

// Custom is a custom section.
type Custom struct {
	Name string
	Size int // bytes, without its name
}

// Producer is a tool that says it has had a hand in a module.
type Producer struct{ Field, Name, Version string }

// Import is one import.
type Import struct {
	Module, Name string
	Kind         Kind
	Type         string // "(i32, i32) -> i32" of a function, "i64" of a global
}

// Export is one export.
type Export struct {
	Name string
	Kind Kind
	Type string // as of an import; empty for tables and memories
	Noop bool   // a function that does nothing
}

// Kind is what is imported or exported.
type Kind uint8

// The kinds, numbered as in the binary format.
const (
	KindFunction Kind = kindFunc
	KindTable    Kind = kindTable
	KindMemory   Kind = kindMemory
	KindGlobal   Kind = kindGlobal
)

// String is the kind's name.
func (k Kind) String() string {
	return [...]string{"function", "table", "memory", "global"}[k]
}

// abiMarkers begin the names of exports that say which ABI a filter speaks.
var abiMarkers = []string{"proxy_abi_version_"}

func (m *module) describe() Info {
	info := Info{
		Tables:     len(m.tables),
		Functions:  len(m.bodies),
		SizeBefore: m.size,
		Start:      m.hasStart,
		Customs:    m.listed,
		Producers:  m.producers(),
	}
	info.Language, info.Evidence = m.language(info.Producers)
	if m.memory != nil {
		info.MemoryMin, info.MemoryMax, info.MemoryOwn = m.memory.min, m.memory.max, m.memory.own
	}
	for _, t := range m.tables {
		info.Entries += int(t.min)
	}
	for _, e := range m.imports {
		i := Import{Module: e.module, Name: e.name, Kind: Kind(e.kind)}
		if e.kind == kindFunc {
			i.Type = m.types[e.typ].String()
		} else {
			i.Type = typeName(e.global.typ)
		}
		info.Imports = append(info.Imports, i)
	}
	for _, e := range m.exports {
		x := Export{Name: e.name, Kind: Kind(e.kind)}
		switch e.kind {
		case kindFunc:
			x.Type = m.types[m.funcs[e.index]].String()
			x.Noop = m.noop(e.index)
		case kindGlobal:
			x.Type = typeName(m.globals[e.index].typ)
		}
		info.Exports = append(info.Exports, x)
		for _, p := range abiMarkers {
			if e.kind == kindFunc && strings.HasPrefix(e.name, p) {
				info.ABI = append(info.ABI, e.name)
			}
		}
	}
	return info
}

// noop says whether a function of the module's own has no instructions.
func (m *module) noop(index uint32) bool {
	if int(index) < m.importedFuncs {
		return false
	}
	b := &m.bodies[int(index)-m.importedFuncs]
	return len(b.code) == b.started+1 // the end alone
}

// String is the type as "(i32, i64) -> i32".
func (t funcType) String() string {
	list := func(types []byte) string {
		names := make([]string, len(types))
		for i, v := range types {
			names[i] = typeName(v)
		}
		return strings.Join(names, ", ")
	}
	s := "(" + list(t.params) + ")"
	switch len(t.results) {
	case 0:
		return s
	case 1:
		return s + " -> " + list(t.results)
	}
	return s + " -> (" + list(t.results) + ")"
}

func typeName(t byte) string {
	switch t {
	case typeI32:
		return "i32"
	case typeI64:
		return "i64"
	case typeF32:
		return "f32"
	case typeF64:
		return "f64"
	case typeV128:
		return "v128"
	case typeFuncref:
		return "funcref"
	}
	return "externref"
}
