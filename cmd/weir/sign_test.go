package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/wasm/wasmtest"
)

// does runs weir in a folder and wants it to end with that code, and to say so.
func does(t *testing.T, dir string, code int, says string, args ...string) *process {
	t.Helper()
	p := setup{dir: dir}.start(t, args...)
	if got := p.wait(); got != code {
		t.Errorf("weir %q: exit code %d, want %d", args, got, code)
	}
	if text := p.out.String() + p.log.String(); !strings.Contains(text, says) {
		t.Errorf("weir %q says %q, want %q", args, text, says)
	}
	return p
}

// signing is a folder with keys "release" and "other" and a module.
func signing(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	does(t, dir, 0, "release.key signs, keep it secret; release.pub verifies (id ", "keygen", "release")
	does(t, dir, 0, "", "keygen", "other")
	write(t, dir, "house.wasm", string(inspected()["good.wasm"]))
	return dir
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestSignAndVerify(t *testing.T) {
	dir := signing(t)
	does(t, dir, 1, "file exists", "keygen", "release")
	for name, mode := range map[string]os.FileMode{"release.key": 0o600, "release.pub": 0o644} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	module := read(t, dir, "house.wasm")

	does(t, dir, 2, "it has no signature in it, and there is no house.wasm.sig", "verify", "--key", "release.pub", "house.wasm")
	does(t, dir, 0, "house.wasm.sig: signed by key id ", "sign", "--key", "release.key", "house.wasm")
	does(t, dir, 0, "in house.wasm.sig", "verify", "--key", "release.pub", "house.wasm")
	does(t, dir, 1, `none of the keys "other.pub"`, "verify", "--key", "other.pub", "house.wasm")
	does(t, dir, 0, "signed by release.pub", "verify", "--key", "other.pub", "--key", "release.pub", "house.wasm")
	does(t, dir, 0, "", "sign", "--key", "other.key", "house.wasm")
	does(t, dir, 0, "signed by release.pub", "verify", "--key", "release.pub", "house.wasm")
	does(t, dir, 0, "signed by other.pub", "verify", "--key", "other.pub", "house.wasm")
	if read(t, dir, "house.wasm") != module {
		t.Error("a detached signature changes the module")
	}

	does(t, dir, 0, "signed.wasm: signed by", "sign", "--key", "release.key", "--embed", "-o", "signed.wasm", "house.wasm")
	does(t, dir, 0, "in the module", "verify", "--key", "release.pub", "signed.wasm")
	does(t, dir, 0, "signature in it  by key id ", "inspect", "signed.wasm")
	does(t, dir, 0, "admitted under the defaults", "inspect", "signed.wasm")
	does(t, dir, 0, "", "sign", "--key", "release.key", "--embed", "house.wasm")
	if read(t, dir, "house.wasm") != read(t, dir, "signed.wasm") {
		t.Error("in place it is another")
	}
	write(t, dir, "changed.wasm", read(t, dir, "signed.wasm")+"\x00\x02\x01x")
	does(t, dir, 1, "has signed another content", "verify", "--key", "release.pub", "changed.wasm")
	does(t, dir, 0, "(of another content)", "inspect", "changed.wasm")

	does(t, dir, 2, "it is a private key", "verify", "--key", "release.key", "signed.wasm")
	does(t, dir, 2, "it is a public key", "sign", "--key", "release.pub", "house.wasm")
	does(t, dir, 2, "no such file", "sign", "--key", "missing.key", "house.wasm")
	does(t, dir, 2, "no such file", "sign", "--key", "release.key", "missing.wasm")
	does(t, dir, 2, "no such file", "verify", "--key", "release.pub", "--signature", "missing.sig", "house.wasm")
	does(t, dir, 2, "--key is missing", "sign", "house.wasm")
	does(t, dir, 2, "--key is missing", "verify", "house.wasm")
	does(t, dir, 1, "no WebAssembly core module", "sign", "--key", "release.key", "release.pub")
	write(t, dir, "mine.sig", "something of mine")
	does(t, dir, 1, "mine.sig that is there is in the way", "sign", "--key", "release.key", "-o", "mine.sig", "house.wasm")
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// house is a gateway with a filter of the signed kind; wasm and filter are
// further lines of their tables.
func house(upstream, wasm, filter string) string {
	return "gateway.filters = [\"house\"]\n" + gateway(upstream,
		"[wasm]", wasm, "[filters.house]\nmodule = \"house.wasm\"", filter, atOnce)
}

// TestSignedModules: what is not signed as the configuration asks is neither
// admitted nor served, and changes nothing that runs.
func TestSignedModules(t *testing.T) {
	dir := signing(t)
	up := coretest.Refusing(t)
	const required = "require_signature = true\nkeys = [{ name = \"release\", file = \"release.pub\" }, { name = \"other\", file = \"other.pub\" }]"
	use := func(wasm, filter string) {
		t.Helper()
		text := strings.Replace(house(up, wasm, filter), "version = 1\n", "", 1)
		write(t, dir, "proxy.toml", "version = 1\n"+text)
	}
	refuses := func(says string) {
		t.Helper()
		p := does(t, dir, 1, says, "check", "proxy.toml")
		if !p.out.Has("filters.house: checking module", "house.wasm") {
			t.Errorf("says %s", &p.out)
		}
		does(t, dir, 1, says, "run", "-c", "proxy.toml")
		does(t, dir, 1, says, "inspect", "-c", "proxy.toml", "house.wasm")
	}
	plain := read(t, dir, "house.wasm")

	use(required, "")
	refuses(`it has no signature in it, and must be signed by one of "release" (id `)
	does(t, dir, 0, "", "sign", "--key", "release.key", "--embed", "house.wasm")
	does(t, dir, 0, "good", "check", "proxy.toml")
	does(t, dir, 0, `admitted under filter "house"`, "inspect", "-c", "proxy.toml", "house.wasm")
	use(required, "signed_by = [\"other\"]")
	refuses("none of the keys \"other\"")
	use(required, "")
	signed := read(t, dir, "house.wasm")
	write(t, dir, "house.wasm", signed+"\x00\x02\x01x")
	refuses(`key "release" has signed another content`)
	write(t, dir, "house.wasm", signed[:len(signed)-1])
	refuses("it is cut short")

	// A detached one, and a filter that asks for it where not all must.
	write(t, dir, "house.wasm", plain)
	does(t, dir, 0, "", "sign", "--key", "other.key", "house.wasm")
	use(strings.Replace(required, "true", "false", 1), "signature = \"house.wasm.sig\"")
	does(t, dir, 0, "good", "check", "proxy.toml")
	use(strings.Replace(required, "true", "false", 1), "signature = \"missing.sig\"")
	refuses("reading its signature: open missing.sig")
	write(t, dir, "empty.sig", "")
	use(required, "signature = \"empty.sig\"")
	refuses("it is cut short")
	use(strings.Replace(required, "release.pub", "missing.pub", 1), "")
	does(t, dir, 1, `wasm.keys[0].file: reading the public key "release": open missing.pub`, "check", "proxy.toml")
	does(t, dir, 2, `wasm.keys[0].file`, "inspect", "-c", "proxy.toml", "house.wasm")

	// What runs goes on when the module is replaced by one that is not signed.
	write(t, dir, "house.wasm", signed)
	use(required, "")
	p := setup{dir: dir}.start(t, "run", "-c", "proxy.toml")
	p.ready()
	other := wasmtest.New()
	other.Func("proxy_abi_version_0_2_1", "")
	write(t, dir, "house.wasm", string(other.Bytes()))
	p.signal(syscall.SIGHUP)
	p.logged("reload refused", "it has no signature in it")
	does(t, dir, 0, "", "sign", "--key", "other.key", "--embed", "-o", "house.wasm", "house.wasm")
	write(t, dir, "house.wasm", signed)
	p.signal(syscall.SIGHUP)
	p.logged(`"msg":"reloaded"`)
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestBuiltinsNeedNoSignature: they are part of the program.
func TestBuiltinsNeedNoSignature(t *testing.T) {
	dir := signing(t)
	write(t, dir, "proxy.toml", gateway(coretest.Refusing(t),
		"[wasm]\nrequire_signature = true\nkeys = [{ name = \"release\", file = \"release.pub\" }]",
		"[filters.id]\nuse = \"requestid\""))
	does(t, dir, 0, "good", "check", "proxy.toml")
}
