package meter

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// rustGuest builds testdata/rust, and its standard library, with the rustc that
// has that library's sources. Without one the benchmark is skipped.
func rustGuest(b *testing.B) []byte {
	b.Helper()
	const rustc, linker = "/usr/bin/rustc", "wasm-ld-19"
	for _, tool := range []string{rustc, "cargo", linker} {
		if _, err := exec.LookPath(tool); err != nil {
			b.Skipf("a Rust guest needs %s, cargo and %s: %v", rustc, linker, err)
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		b.Skipf("a Rust guest needs a place for what is compiled: %v", err)
	}
	// The lock file that cargo writes, and what it has compiled, are kept as well.
	dir := filepath.Join(cache, "weir-test", "rust")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"Cargo.toml", "guest.rs"} {
		text, err := os.ReadFile(filepath.Join("testdata", "rust", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o600)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	target := filepath.Join(dir, "target")
	cmd := exec.Command("cargo", "build", "--quiet", "--release", "--target", "wasm32-unknown-unknown", "-Zbuild-std=std,panic_abort")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "RUSTC="+rustc, "RUSTC_BOOTSTRAP=1", "CARGO_TARGET_DIR="+target,
		"CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="+linker)
	if text, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("building a guest in Rust: %v\n%s", err, text)
	}
	code, err := os.ReadFile(filepath.Join(target, "wasm32-unknown-unknown", "release", "guest.wasm"))
	if err != nil {
		b.Fatal(err)
	}
	return code
}
