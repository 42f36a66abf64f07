package main_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/weirproxy/weir/core/wasm/wasmtest"
)

// changing is what differs between machines and compilers.
var changing = []struct{ from, to string }{
	{`\d+ bytes, compiled in \d+ ms`, "N bytes, compiled in T ms"},
	{`"bytes": \d+`, `"bytes": 0`},
	{`"compile_ms": [\d.e-]+`, `"compile_ms": 0`},
}

func stable(text string) string {
	for _, c := range changing {
		text = regexp.MustCompile(c.from).ReplaceAllString(text, c.to)
	}
	return text
}

// inspected are modules by the names of their files.
func inspected() map[string][]byte {
	const heap = 8 << 10
	begin := func() *wasmtest.Module {
		m := wasmtest.New()
		m.Import("env", "proxy_log", "iii:i")
		m.Import("env", "proxy_http_call", "iiiiiiiiii:i")
		m.Import("env", "proxy_not_yet_invented", "I:i")
		m.Import("wasi_snapshot_preview1", "path_open", "iiiiiIIii:i")
		m.Import("wasi_snapshot_preview1", "environ_get", "ii:i")
		return m
	}
	finish := func(m *wasmtest.Module) {
		m.Func("malloc", "i:i", wasmtest.I32(heap))
		m.Func("proxy_on_configure", "ii:i", wasmtest.Get(1), wasmtest.Eqz32)
		m.Func("proxy_on_request_headers", "iii:i", wasmtest.Loop(), wasmtest.I32(0))
		m.Func("proxy_on_log", "i")
	}
	good := begin()
	good.Memory(2, 20)
	deep := good.NextFunc()
	good.Func("", "i:i", wasmtest.Get(0), wasmtest.Call(deep))
	good.Table(deep, deep)
	good.Func("_initialize", "")
	good.Start(good.Func("internal", ""))
	good.Func("proxy_abi_version_0_2_1", "")
	finish(good)
	good.Custom("producers", []byte("\x01\x0cprocessed-by\x01\x05rustc\x061.95.0"))
	good.Custom("notes", []byte("of the author"))

	bad := begin()
	bad.Memory(5000, 0)
	bad.Func("proxy_abi_version_0_2_0", "")
	bad.Func("proxy_abi_version_0_2_1", "")
	bad.Func("proxy_on_response_headers", "i:i", wasmtest.I32(0))
	bad.Func("proxy_on_tick", "ii")
	faulty := wasmtest.New()
	faulty.Import("wasi_snapshot_preview1", "fd_fly", "i:i")
	faulty.Import("elsewhere", "do", "")
	faulty.Import("env", "proxy_log", "i:i")
	faulty.Memory(5000, 0)
	faulty.Func("proxy_abi_version_0_2_1", "")

	handler := wasmtest.New()
	handler.Import("http_handler", "get_header_values", "iiiii:I")
	handler.Memory(1, 0)
	handler.Func("handle_request", ":I", wasmtest.I64(0))
	handler.Func("handle_response", "ii")

	neither := wasmtest.New()
	neither.Memory(1, 0)
	neither.Func("run", "")

	escape := begin()
	escape.Memory(1, 0)
	escape.Func("proxy_abi_version_0_2_1", "")
	finish(escape)
	escape.Custom("\x1b[31mred\x1b[0m\u202e", nil)
	escape.Custom("producers", []byte("\x01\x08language\x01\x05\x1b]0;a\x00"))

	unknown := make([]byte, 4096)
	fill := rand.NewChaCha8([32]byte{1})
	_, _ = fill.Read(unknown)
	return map[string][]byte{
		"good.wasm": good.Bytes(), "bad.wasm": bad.Bytes(), "faulty.wasm": faulty.Bytes(),
		"http-wasm.wasm": handler.Bytes(), "neither.wasm": neither.Bytes(), "escape.wasm": escape.Bytes(),
		"truncated.wasm": good.Bytes()[:200], "random.wasm": unknown, "empty.wasm": nil,
		"text.wasm":      []byte("(module)\n"),
		"component.wasm": []byte("\x00asm\x0d\x00\x01\x00\x07\x01\x00"),
		"large.wasm":     append(good.Bytes(), append([]byte{0, 0xff, 0xff, 0xff, 0x07, 1, 'z'}, make([]byte, 1<<24-3)...)...),
	}
}

// judges are configurations that name good.wasm.
const judges = `version = 1
[wasm]
memory = "8MiB"
[filters.one]
module = "good.wasm"
config = "x"
[filters.small]
module = "./good.wasm"
memory = "1MiB"
budget = "5ms"
[filters.pinned]
module = "good.wasm"
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
`

func TestInspect(t *testing.T) {
	dir := t.TempDir()
	for name, code := range inspected() {
		write(t, dir, name, string(code))
	}
	write(t, dir, "judges.toml", judges)
	write(t, dir, "wrong.toml", "version = 7\n")
	for _, c := range []struct {
		golden string
		code   int
		args   []string
	}{
		{"good", 0, []string{"good.wasm"}},
		{"good-json", 0, []string{"--json", "good.wasm"}},
		{"bad", 1, []string{"bad.wasm"}},
		{"bad-json", 1, []string{"bad.wasm", "--json"}},
		{"faulty", 1, []string{"faulty.wasm"}},
		{"http-wasm", 0, []string{"http-wasm.wasm"}},
		{"neither", 1, []string{"neither.wasm"}},
		{"escape", 0, []string{"escape.wasm"}},
		{"truncated", 1, []string{"truncated.wasm"}},
		{"random", 1, []string{"random.wasm"}},
		{"empty", 1, []string{"empty.wasm"}},
		{"text", 1, []string{"text.wasm"}},
		{"component", 1, []string{"component.wasm"}},
		{"component-json", 1, []string{"--json", "component.wasm"}},
		{"under", 1, []string{"-c", "judges.toml", "good.wasm"}},
		{"under-json", 1, []string{"-c", "judges.toml", "good.wasm", "--json"}},
		{"under-unnamed", 1, []string{"-c", "judges.toml", "faulty.wasm"}},
		{"under-wrong", 2, []string{"-c", "wrong.toml", "good.wasm"}},
		{"under-missing", 2, []string{"-c", "missing.toml", "good.wasm"}},
		{"missing", 2, []string{"missing.wasm"}},
		{"folder", 2, []string{"."}},
	} {
		t.Run(c.golden, func(t *testing.T) {
			p := setup{dir: dir}.start(t, append([]string{"inspect"}, c.args...)...)
			if code := p.wait(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			golden(t, filepath.Join("inspect", c.golden), stable(p.out.String())+"---\n"+p.log.String())
		})
	}
	t.Run("large", func(t *testing.T) {
		p := setup{dir: dir}.start(t, "inspect", "large.wasm")
		if code := p.wait(); code != 1 || !p.out.Has("more than the 16777216 allowed") || !p.out.Has("phases", "request_headers, log") {
			t.Errorf("exit code %d", code)
		}
	})
}

// TestInspectBuiltin looks at a large guest of the Go toolchain.
func TestInspectBuiltin(t *testing.T) {
	p := start(t, "inspect", "--json", filepath.Join(built.dir, "builtin.wasm")) // which compiles it anew
	if code := p.waitFor(3 * compiling); code != 0 {
		t.Errorf("exit code %d", code)
	}
	var r struct {
		Admitted bool
		Module   struct {
			Language struct{ Name string }
			Memory   struct {
				Limit int `json:"limit_pages"`
			}
			Native  struct{ Bytes int }
			Imports []struct{ State string }
		}
	}
	if err := json.Unmarshal([]byte(p.out.String()), &r); err != nil {
		t.Fatal(err)
	}
	if m := r.Module; !r.Admitted || m.Language.Name != "go" || m.Memory.Limit != 1024 || m.Native.Bytes < 1<<20 || len(m.Imports) < 20 {
		t.Errorf("%+v", r)
	}
	for _, i := range r.Module.Imports {
		if i.State != "supported" {
			t.Errorf("an import is %s", i.State)
		}
	}
}

// TestInspectLeavesNothing: what is compiled is for looking at alone.
func TestInspectLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	file := write(t, "", "good.wasm", string(inspected()["good.wasm"]))
	p := setup{env: []string{"TMPDIR=" + dir}}.start(t, "inspect", file)
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v are left, %v", left, err)
	}
	p = setup{env: []string{"TMPDIR=" + filepath.Join(dir, "missing")}}.start(t, "inspect", file)
	if code := p.wait(); code != 0 || !p.out.Has("admitted under") {
		t.Errorf("without a place for files: exit code %d", code)
	}
}
