package meter

import (
	"reflect"
	"strings"
	"testing"
)

// TestInfo sees what is said of a module.
func TestInfo(t *testing.T) {
	i := asm{typeI32}
	m := build{
		imports: []fn{{params: asm{typeI32, typeI64}, results: asm{typeF64}}},
		memory:  &limits{min: 2, max: 4, bounded: true}, tables: []limits{{min: 1}},
		globals: i,
		funcs:   []fn{{params: i, code: loopOf(loopOf())}, {results: asm{typeV128, typeF32}, code: opcode(opUnreachable)}},
	}
	code := m.bytes()
	res, err := Rewrite(code, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := Info{
		Imports: []Import{{"host", "0", KindFunction, "(i32, i64) -> f64"}},
		Exports: []Export{{Name: "f0", Kind: KindFunction, Type: "(i32)"}, {Name: "f1", Kind: KindFunction, Type: "() -> (v128, f32)"},
			{Name: "memory", Kind: KindMemory, Type: ""}, {Name: "g0", Kind: KindGlobal, Type: "i32"}},
		MemoryMin: 2, MemoryMax: 4, MemoryOwn: 4, Tables: 1, Entries: 1, Functions: 2, Loops: 2,
		SizeBefore: len(code), SizeAfter: len(res.Code),
	}
	if !reflect.DeepEqual(res.Info, want) {
		t.Errorf("got %+v, not %+v", res.Info, want)
	}
	if KindTable.String() != "table" {
		t.Error("kinds have no names")
	}
}

func opcode(op int) asm { return asm{byte(op)} }

// TestLanguage recognises compilers by what they leave behind.
func TestLanguage(t *testing.T) {
	producers := func(values ...string) asm {
		b := appendName(asm{1}, "processed-by")
		b = append(b, byte(len(values)))
		for _, v := range values {
			b = appendName(appendName(b, v), "1")
		}
		return b
	}
	for _, c := range []struct {
		customs map[string]asm
		want    Language
	}{
		{map[string]asm{"go:buildid": {1}, "producers": producers("Go cmd/compile")}, LanguageGo},
		{map[string]asm{"producers": producers("Go cmd/compile")}, LanguageGo},
		{map[string]asm{"producers": producers("clang", "TinyGo")}, LanguageTinyGo},
		{map[string]asm{"producers": producers("clang", "rustc")}, LanguageRust},
		{map[string]asm{"producers": producers("Debian clang")}, LanguageC},
		{map[string]asm{"producers": {200, 1, 1}}, LanguageUnknown},
		{nil, LanguageUnknown},
	} {
		res, err := Rewrite((&build{customs: c.customs}).bytes(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if res.Info.Language != c.want {
			t.Errorf("%v is taken for %q, not %q", c.customs, res.Info.Language, c.want)
		}
	}
	res, err := Rewrite(goGuest(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if res.Info.Language != LanguageGo || !res.Info.Recursive {
		t.Errorf("a guest of the Go toolchain is taken for %q", res.Info.Language)
	}
}

// TestABI finds the exports that say which ABI a filter speaks.
func TestABI(t *testing.T) {
	m := (&build{funcs: []fn{{}}}).bytes()
	res, err := Rewrite([]byte(renameExport(string(m), "f0", "proxy_abi_version_0_2_1")), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(res.Info.ABI, []string{"proxy_abi_version_0_2_1"}) {
		t.Errorf("the ABI is %q", res.Info.ABI)
	}
}

// renameExport gives the only export of a module another name.
func renameExport(m, from, to string) string {
	old := string(appendSection(nil, secExport, append(appendName(asm{1}, from), kindFunc, 0)))
	return strings.Replace(m, old, string(appendSection(nil, secExport, append(appendName(asm{1}, to), kindFunc, 0))), 1)
}

// TestNames sees that the stack of a trap names the functions as the module
// does, and that malformed names are let go.
func TestNames(t *testing.T) {
	names := func(body asm) map[string]asm { return map[string]asm{"name": body} }
	good := appendSection(nil, 1, appendName(append(appendName(asm{2, 0}, "outer"), 1), "inner"))
	m := build{customs: names(good), funcs: []fn{{code: callTo(1)}, {code: opcode(opUnreachable)}}}
	for _, c := range []struct {
		body asm
		want string
	}{{good, ".inner()\n\t.outer()"}, {asm{1, 99, 0}, ".$2()\n\t.$1()"}, {append(good, good...), ".$2()\n\t.$1()"}} {
		m.customs = names(c.body)
		res, err := Rewrite(m.bytes(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		g, err := start(t, res.Code, 1000, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.ExportedFunction("f0").Call(t.Context()); !strings.Contains(err.Error(), c.want) {
			t.Errorf("the stack is %v, not %q", err, c.want)
		}
	}
}

// TestDescribe: what a module says of itself, also one that would not be let in.
func TestDescribe(t *testing.T) {
	m := build{
		memory: &limits{min: 40_000, max: 50_000, bounded: true}, // more than any limit of ours
		funcs:  []fn{{}, {code: loopOf()}},
	}
	info, err := Describe(m.bytes())
	if err != nil {
		t.Fatal(err)
	}
	noop := map[string]bool{}
	for _, e := range info.Exports {
		noop[e.Name] = e.Noop
	}
	if !noop["f0"] || noop["f1"] || noop["memory"] {
		t.Errorf("functions that do nothing: %v", noop)
	}
	if _, err := Describe([]byte("\x00asm\x01\x00\x00\x00\xff")); err == nil {
		t.Error("a module of a broken section is described")
	}
}
