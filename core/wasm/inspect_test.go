package wasm_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/wasm"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// TestInspect finds what Load fails with, and what is behind it.
func TestInspect(t *testing.T) {
	several := New()
	several.Import("env", "nowhere", "")
	several.Import("env", "typed", "i")
	several.Import("wasi_unstable", "fd_fly", "")
	several.Memory(600, 0)
	invalid := New()
	invalid.Func("f", ":i")
	twisted := New()
	body := Code{}
	for range 10001 {
		body = append(body, Seq(Loop(I32(0), BrIf(0)))...)
	}
	twisted.Memory(600, 0)
	twisted.Func("f", "", body)
	e := newEngine(t, wasm.Options{})
	for _, c := range []struct {
		name     string
		code     []byte
		limits   wasm.Limits
		compiled bool
		says     []string
	}{
		{"good", importing("env", "noop", ""), wasm.Limits{}, true, nil},
		{"good in little", guest(), wasm.Limits{MemoryPages: 10}, true, nil},
		{"several", several.Bytes(), wasm.Limits{}, true, []string{"600 pages of 64 KiB, more than the 512", `"env"."nowhere"`, "takes an i64", "fd_fly"}},
		{"several in more", several.Bytes(), wasm.Limits{MemoryPages: 600}, true, []string{`"env"."nowhere"`, "takes an i64", "fd_fly"}},
		{"invalid", invalid.Bytes(), wasm.Limits{}, false, []string{"compiling"}},
		{"twisted", twisted.Bytes(), wasm.Limits{}, false, []string{"600 pages", "stretches of code"}},
		{"no module", []byte("(module)"), wasm.Limits{}, false, []string{"does not begin with"}},
		{"impossible limits", guest(), wasm.Limits{Budget: -1}, false, []string{"budget"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := e.Inspect(wasm.Source{Name: "x", Code: c.code, Limits: c.limits, Resolve: picky})
			if in.Compiled() != c.compiled || c.compiled != (in.Native.Bytes > 0) {
				t.Errorf("compiled: %v, %d bytes", in.Compiled(), in.Native.Bytes)
			}
			if len(in.Problems) != len(c.says) {
				t.Fatalf("found %q, want %q", in.Problems, c.says)
			}
			for i, want := range c.says {
				if !strings.Contains(in.Problems[i].Error(), want) {
					t.Errorf("problem %d is %q, want %q", i, in.Problems[i], want)
				}
			}
			m, err := e.Load(t.Context(), wasm.Source{Name: "x", Code: c.code, Limits: c.limits, Resolve: picky})
			if err == nil {
				defer m.Close()
			}
			if (err == nil) != (len(c.says) == 0) {
				t.Fatalf("loading answers %v", err)
			}
			if err != nil && !slices.ContainsFunc(in.Problems, func(p error) bool { return strings.Contains(err.Error(), p.Error()) }) {
				t.Errorf("loading fails with %v, which is not among %v", err, in.Problems)
			}
			if err == nil && m.Limits() != in.Limits {
				t.Errorf("the limits are %+v, of what is loaded %+v", in.Limits, m.Limits())
			}
		})
	}
}

// TestInspectTells what was found of a module, its imports by their names.
func TestInspectTells(t *testing.T) {
	e := newEngine(t, wasm.Options{})
	in := e.Inspect(wasm.Source{Code: guest(), Resolve: hostFunctions})
	if params, _, ok := in.Export("add"); !ok || len(params) != 2 {
		t.Errorf("add takes %v, %v", params, ok)
	}
	if _, _, ok := in.Export("nothing"); ok {
		t.Error("an export that is none")
	}
	if in.Info.Functions == 0 || in.Native.Took <= 0 {
		t.Errorf("%+v", in)
	}
	in = e.Inspect(wasm.Source{Code: importing("a", "b", "")})
	w, ok := errors.AsType[wasm.ImportError](errors.Join(in.Problems...))
	if !ok || w.Module != "a" || w.Name != "b" || w.Unwrap() == nil {
		t.Errorf("%+v", in.Problems)
	}
}
