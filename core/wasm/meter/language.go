package meter

import "strings"

// Language is a guess at what a module was written in. Only its default
// memory and its environment hang on it.
type Language string

// The languages that are told apart.
const (
	LanguageUnknown        Language = ""
	LanguageGo             Language = "go"
	LanguageTinyGo         Language = "tinygo"
	LanguageRust           Language = "rust"
	LanguageC              Language = "c"
	LanguageAssemblyScript Language = "assemblyscript"
	LanguageZig            Language = "zig"
)

// language looks at the sections the compilers leave behind. Standard Go
// writes "go:buildid" and a producers section that names it; TinyGo and Rust
// are compiled by clang's back end too, so that they come before C.
func (m *module) language() Language {
	if _, ok := m.customs["go:buildid"]; ok {
		return LanguageGo
	}
	made := m.producers()
	has := func(word string) bool {
		for _, p := range made {
			if strings.Contains(strings.ToLower(p), word) {
				return true
			}
		}
		return false
	}
	switch {
	case has("tinygo"):
		return LanguageTinyGo
	case has("rust"):
		return LanguageRust
	case has("zig"):
		return LanguageZig
	case has("assemblyscript"), m.importsAbort():
		return LanguageAssemblyScript
	case has("go"):
		return LanguageGo
	case has("clang"), has("c11"), has("c_plus_plus"):
		return LanguageC
	}
	return LanguageUnknown
}

// producers lists the languages and tools the section of that name holds.
func (m *module) producers() []string {
	var out []string
	r := &reader{b: m.customs["producers"]}
	for range r.count("fields", 100) {
		r.name()
		for range r.count("values", 1000) {
			out = append(out, r.name())
			r.name() // version
		}
	}
	return out
}

// importsAbort recognises AssemblyScript, which leaves no section behind, by
// the function its runtime ends with.
func (m *module) importsAbort() bool {
	for _, e := range m.imports {
		if e.kind == kindFunc && e.module == "env" && e.name == "abort" && len(m.types[e.typ].params) == 4 {
			return true
		}
	}
	return false
}
