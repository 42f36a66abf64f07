package wasm

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"github.com/tetratelabs/wazero"
)

// The cache holds machine code that is run unseen, so whoever can write there
// owns the process. Sums tell damage (see cachesum.go) and not malice; what we
// check against that is that nobody else can write: the folder and all in it
// are ours and closed to others, and no folder above can be swapped by others.
// An entry's name is the hash of the rewritten module and of the processor's
// features, so a meter that writes other code never meets entries of its
// former self. wazero's version is in the name of the folder.

// cacheMode is what the folder must allow: everything to us, nothing to others.
const cacheMode = 0o700

// openCache checks dir, made if need be, and opens it. It answers the folder
// the entries are in, and how many were damaged.
func openCache(dir string) (cache wazero.CompilationCache, entries string, damaged int, err error) {
	if err = os.MkdirAll(dir, cacheMode); err != nil {
		return nil, "", 0, err
	}
	// What is checked must be what is used: no link may be turned afterwards.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, "", 0, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, "", 0, err
	}
	if err = checkPrivate(dir); err != nil {
		return nil, "", 0, err
	}
	version, err := wazeroVersion()
	if err != nil {
		return nil, "", 0, err
	}
	dir = filepath.Join(dir, version)
	if cache, err = wazero.NewCompilationCacheWithDir(dir); err != nil {
		return nil, "", 0, err
	}
	// wazero puts them one folder further down, named for itself and the platform.
	found, err := filepath.Glob(filepath.Join(dir, "wazero-*-"+runtime.GOARCH+"-"+runtime.GOOS))
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("%q holds %d folders of wazero's instead of one (remove it)", dir, len(found))
	}
	if err != nil {
		return nil, "", 0, err
	}
	damaged, err = verifyEntries(found[0])
	return cache, found[0], damaged, err
}

// checkPrivate fails unless the folder is ours alone, all it holds is too, and
// nobody else can put another in its place.
func checkPrivate(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if mode := info.Mode(); !mode.IsDir() || mode.Perm() != cacheMode {
		return fmt.Errorf("%q has mode %v: compiled code is kept there and run, so it must be a folder of mode 0700 (chmod 0700, or name another)", dir, mode)
	}
	for up := filepath.Dir(dir); ; up = filepath.Dir(up) {
		if err := checkAbove(up); err != nil {
			return err
		}
		if up == filepath.Dir(up) {
			break
		}
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another process of ours tidied up
		} else if err != nil {
			return err
		}
		return checkOurs(path, info)
	})
}

// wazeroVersion names the folder of the entries. In a binary that does not say
// which wazero it was built with, the binary's own hash stands for it.
func wazeroVersion() (string, error) {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == "github.com/tetratelabs/wazero" && d.Replace == nil && d.Version != "" && d.Version != "(devel)" {
				return d.Version, nil
			}
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
