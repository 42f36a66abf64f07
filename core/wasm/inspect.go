package wasm

import (
	"os"
	"time"

	"github.com/tetratelabs/wazero/api"

	"github.com/weirproxy/weir/core/wasm/meter"
)

// Inspection is what a module is, and everything that keeps it from being
// loaded, found without running any of it.
type Inspection struct {
	Info   meter.Info // empty for what is no module
	Limits Limits     // that were asked of it, defaults filled in
	Native Native
	// Problems is what Load would fail with, and what it would fail with once
	// that was mended. Those of imports are an [ImportError].
	Problems []error
	exports  map[string]api.FunctionDefinition // nil for what was not compiled
}

// Native is the machine code made of a module.
type Native struct {
	Bytes int64         // 0 where it was not compiled
	Took  time.Duration // to compile
}

// Compiled says whether the module could be compiled, under other limits at
// least: only then [Inspection.Export] knows its exports.
func (in *Inspection) Compiled() bool { return in.exports != nil }

// Export is the type of an exported function.
func (in *Inspection) Export(name string) (params, results []api.ValueType, ok bool) {
	d, ok := in.exports[name]
	if !ok {
		return nil, nil, false
	}
	return d.ParamTypes(), d.ResultTypes(), true
}

// Inspect does all that Load does but keeps nothing of it, and goes on where
// Load fails for as long as there is more to find. It neither looks into the
// cache nor writes there.
func (e *Engine) Inspect(s Source) *Inspection {
	in := &Inspection{Limits: s.Limits}
	sh := &shared{pages: s.Limits.MemoryPages}
	r := in.vet(e, sh, s.Code)
	in.Limits = s.Limits.withDefaults(sh.pages)
	if r == nil {
		return in
	}
	in.Info = r.Info
	dir, err := os.MkdirTemp("", "weir-inspect-")
	if err == nil {
		defer os.RemoveAll(dir)
	} // else it is compiled in memory, and its size not known
	began := time.Now()
	if err := e.compile(sh, r.Code, dir); err != nil {
		in.Problems = append(in.Problems, err)
		return in
	}
	defer sh.close()
	in.Native.Took = time.Since(began)
	in.Native.Bytes = codeSize(dir)
	in.exports = sh.code.ExportedFunctions()
	_, wrong := resolveAll(sh.imports(), host(s.Resolve))
	for _, w := range wrong {
		in.Problems = append(in.Problems, w)
	}
	return in
}

// vet meters a module under its limits. One that has too much memory is
// metered as if it had not, to see what else is wrong with it; one that passes
// other bounds is only described, for compiling it could take minutes.
func (in *Inspection) vet(e *Engine, sh *shared, code []byte) *meter.Result {
	if err := in.Limits.check(); err != nil {
		in.Problems = append(in.Problems, err)
		return nil
	}
	r, err := e.rewrite(sh, code)
	if err == nil {
		return r
	}
	in.Problems = append(in.Problems, err)
	r, other := meter.Rewrite(code, meter.Options{MemoryPages: maxMemoryPages, Depth: stackKiB})
	if other == nil {
		return r
	}
	if other.Error() != err.Error() {
		in.Problems = append(in.Problems, other)
	}
	in.Info, _ = meter.Survey(code)
	return nil
}

// codeSize is the size of the machine code in a folder of wazero's, 0 where
// there is no knowing.
func codeSize(dir string) int64 {
	if dir == "" {
		return 0
	}
	path, err := codeFile(dir)
	if err != nil {
		return 0
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// Stack is how much native stack a guest's recursion may take, in bytes.
const Stack = stackKiB << 10
