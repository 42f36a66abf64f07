package newfilter

import "strings"

// language is what a filter is written in.
type language struct {
	Name, Title string
	Needs       string   // in words, before the commands
	Build       []string // commands, in the filter's folder
	Test        string   // a command that tests without a host, if there is one
	Module      string   // what building makes, NAME standing for the filter's name
	VM, Own     string   // the filter's vm in proxy.toml, and why it has one
	Ignore      []string // what git is to leave out
	Reserved    []string // names that the language's tools refuse
}

var languages = []language{
	{
		Name: "go", Title: "Go",
		Needs: "With Go as new as `go.mod` says, and nothing else:",
		Build: []string{
			"go mod tidy",
			"GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags='-s -w' -o NAME.wasm .",
		},
		Test: "go test .", Module: "NAME.wasm",
		Ignore: []string{"*.wasm"},
	},
	{
		Name: "rust", Title: "Rust",
		Needs:  "With Rust, by [rustup](https://rustup.rs):",
		Build:  []string{"rustup target add wasm32-wasip1", "cargo build --release --target wasm32-wasip1"},
		Test:   "cargo test",
		Module: "target/wasm32-wasip1/release/IDENT.wasm",
		Ignore: []string{"/target"},
		Reserved: strings.Fields(`abstract alloc as async await become box break build const continue core crate deps do dyn
			else enum examples extern false final fn for gen if impl in incremental let loop macro match mod move mut
			override priv proc-macro pub ref return self static std struct super test trait true try type typeof union
			unsafe unsized use virtual where while yield`),
	},
	{
		Name: "assemblyscript", Title: "AssemblyScript",
		Needs:  "With Node.js 18 or newer:",
		Build:  []string{"npm install", "npm run build"},
		Module: "build/NAME.wasm",
		VM:     "own", Own: "The filter has a VM of its own: its SDK knows one configuration in each.",
		Ignore:   []string{"/build", "/node_modules"},
		Reserved: []string{"node-modules"},
	},
	{
		Name: "c", Title: "C",
		Needs:  "With clang and lld of any recent version (`make CC=clang-19` names another):",
		Build:  []string{"make"},
		Module: "NAME.wasm",
		Ignore: []string{"*.wasm"},
	},
	{
		Name: "zig", Title: "Zig",
		Needs:  "With Zig 0.14 (also as `pip install ziglang==0.14.1`, then `python -m ziglang build`):",
		Build:  []string{"zig build"},
		Module: "zig-out/bin/NAME.wasm",
		Ignore: []string{"/.zig-cache", "/zig-out"},
	},
}

// named is the language with a filter's name in its commands and paths.
func (l language) named(name string) language {
	put := strings.NewReplacer("NAME", name, "IDENT", strings.ReplaceAll(name, "-", "_"))
	l.Module = put.Replace(l.Module)
	build := make([]string, len(l.Build))
	for i, command := range l.Build {
		build[i] = put.Replace(command)
	}
	l.Build = build
	return l
}

// names are those of all languages.
func names() []string {
	var all []string
	for _, l := range languages {
		all = append(all, l.Name)
	}
	return all
}
