package meter

import (
	"slices"
	"strings"
)

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

// language looks at what the compilers leave behind, and says where. Standard
// Go writes a section of its own and names itself as a producer; TinyGo and
// Rust are compiled by clang's back end too, so that they come before C.
func (m *module) language(made []Producer) (l Language, evidence string) {
	if _, ok := m.customs["go:buildid"]; ok {
		return LanguageGo, `section "go:buildid"`
	}
	for _, known := range []struct {
		language Language
		words    []string
	}{
		{LanguageTinyGo, []string{"tinygo"}},
		{LanguageRust, []string{"rust"}},
		{LanguageZig, []string{"zig"}},
		{LanguageAssemblyScript, []string{"assemblyscript"}},
		{LanguageGo, []string{"go"}},
		{LanguageC, []string{"clang", "c11", "c_plus_plus"}},
	} {
		for _, word := range known.words {
			for _, p := range made {
				if p.names(word) {
					return known.language, `section "producers": ` + strings.TrimSpace(p.Name+" "+p.Version)
				}
			}
		}
	}
	if m.importsAbort() {
		return LanguageAssemblyScript, "imports env.abort as its runtime does"
	}
	return LanguageUnknown, ""
}

// names says whether a producer's name has that word in it, for "go" as a word
// of its own: many words have it in them.
func (p Producer) names(word string) bool {
	name := strings.ToLower(p.Name)
	if word == "go" {
		return slices.Contains(strings.Fields(name), word)
	}
	return strings.Contains(name, word)
}

// producers lists the languages and tools the section of that name holds.
func (m *module) producers() []Producer {
	var out []Producer
	r := &reader{b: m.customs["producers"]}
	for range r.count("fields", mostListed) {
		field := r.name()
		for range r.count("values", mostListed) {
			if p := (Producer{field, r.name(), r.name()}); r.err == nil && len(out) < mostListed {
				out = append(out, p)
			}
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
