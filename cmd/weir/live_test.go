package main_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// put writes a file in place, as a compiler does.
func put(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestLiveReload has a module change in each way that tools change files. Nobody
// touches the configuration.
func TestLiveReload(t *testing.T) {
	up := hello(t, "up")
	dir, out := t.TempDir(), t.TempDir()
	module := filepath.Join(out, "v.wasm")
	put(t, module, coretest.Versioned("one"))
	file := write(t, dir, "proxy.toml", filtered(up.Addr, "off", "", "module = \""+module+"\"", ""))
	p := start(t, "run", "-c", file)
	at := p.ready().Listen["gateway"][0]
	serves := func(want string) {
		t.Helper()
		coretest.Eventually(t, "version "+want, func() bool { return version(t, at) == want })
	}
	serves("one")

	put(t, module, coretest.Versioned("two"))
	serves("two")

	write(t, out, "v.wasm", string(coretest.Versioned("three"))) // beside it, and renamed
	serves("three")

	code := coretest.Versioned("four")
	put(t, module, code[:len(code)/2])
	p.logged("reload refused: the running configuration stays", "filters.v: ")
	serves("three")
	put(t, module, code)
	serves("four")

	if err := os.Remove(module); err != nil {
		t.Fatal(err)
	}
	p.logged("reload refused", "filters.v: reading module", "no such file")
	serves("four")
	put(t, module, coretest.Versioned("five"))
	serves("five")

	// A link to what a build puts elsewhere, first turned, then followed.
	elsewhere := t.TempDir()
	put(t, filepath.Join(elsewhere, "built.wasm"), coretest.Versioned("six"))
	if err := os.Symlink(filepath.Join(elsewhere, "built.wasm"), module+".next"); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(module+".next", module); err != nil {
		t.Fatal(err)
	}
	serves("six")
	put(t, filepath.Join(elsewhere, "built.wasm"), coretest.Versioned("seven"))
	serves("seven")

	// The configuration names another, which is made after it.
	later := filepath.Join(t.TempDir(), "later.wasm")
	write(t, dir, "proxy.toml", filtered(up.Addr, "off", "", "module = \""+later+"\"", ""))
	p.logged("reload refused", "later.wasm", "no such file")
	put(t, later, coretest.Versioned("eight"))
	serves("eight")
	p.stop()
}
