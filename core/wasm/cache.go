package wasm

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/weirproxy/weir/core/private"
)

// The cache holds machine code that is run unseen, so whoever can write there
// owns the process. Sums tell damage (see record.go) and not malice; what we
// check against that is that nobody else can write: the folder and all in it
// are ours and closed to others, and no folder above can be swapped by others.
//
// An entry is a folder, named for what was compiled: the content's hash and
// the limits that are compiled in. What it was compiled by is in the name of
// the folder above it: wazero's version, and a hash of the meter's own source,
// so that a meter that writes other code never meets entries of its former
// self. An entry is made elsewhere and renamed, so it is whole or not there.

// openCache checks dir, made if need be, and answers the folder its entries
// are in.
func openCache(dir string) (string, error) {
	const why = "compiled code is kept there and run"
	dir, err := private.Top(dir, why)
	if err != nil {
		return "", err
	}
	version, err := wazeroVersion()
	if err != nil {
		return "", err
	}
	meter, err := meterVersion()
	if err != nil {
		return "", err
	}
	// What others have compiled beside it is not looked at: nothing of it is run, and
	// there may be much of it.
	return private.Folder(filepath.Join(dir, version+"-"+meter), why)
}

const wazeroModule = "github.com/tetratelabs/wazero"

// wazeroVersion names the compiler. In a binary that does not say which wazero
// it was built with, the binary's own hash stands for it.
func wazeroVersion() (string, error) {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == wazeroModule && d.Replace == nil && d.Version != "" && d.Version != "(devel)" {
				return d.Version, nil
			}
		}
		if v := testedVersion(info); v != "" {
			return v, nil
		}
	}
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return "built-" + hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// testedVersion is the wazero of a test's binary, which does not list its modules:
// what go.mod beside its source says. All tests share what one has compiled then,
// which under the race detector takes minutes. "" where it is not told.
func testedVersion(info *debug.BuildInfo) string {
	_, source, _, _ := runtime.Caller(0)
	if !strings.HasSuffix(info.Path, ".test") || !filepath.IsAbs(source) {
		return ""
	}
	b, err := os.ReadFile(filepath.Join(filepath.Dir(source), "..", "..", "go.mod"))
	if err != nil || bytes.Contains(b, []byte("\nreplace ")) {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == wazeroModule {
			return "tested-" + f[1]
		}
	}
	return ""
}

// makers is the source of all that decides what a module is compiled to, and
// how an entry is written.
//
//go:embed meter/*.go compile.go engine.go entry.go image.go module.go outline.go record.go
var makers embed.FS

// meterVersion is the hash of makers. A number that has to be raised by hand
// would be forgotten once, and a repaired meter would not meter what is cached.
func meterVersion() (string, error) {
	h := sha256.New()
	err := fs.WalkDir(makers, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") {
			return err
		}
		b, err := makers.ReadFile(name)
		fmt.Fprintf(h, "%s %d\n", path.Base(name), len(b))
		h.Write(b)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:8]), err
}
