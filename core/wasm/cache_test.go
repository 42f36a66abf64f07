package wasm_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/wasm"
)

// privateDir is a folder the cache accepts.
func privateDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cache")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// entries are the cache's files of code.
func entries(t testing.TB, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && len(d.Name()) == 64 {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestCacheIsUsed: what one engine compiled the next finds, and damage is
// noticed and made good.
func TestCacheIsUsed(t *testing.T) {
	dir := privateDir(t)
	// use loads the guest in an engine of its own and answers what was logged.
	use := func() string {
		t.Helper()
		var log bytes.Buffer
		e, err := wasm.New(wasm.Options{CacheDir: dir, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		m := load(t, e, wasm.Source{Name: "guest", Code: guest()})
		vm := newVM(t, wasm.VMConfig{Module: m})
		if got, err := run(t, vm, "add", 2, 3); err != nil || got != 5 {
			t.Errorf("2+3 = %d, %v", got, err)
		}
		vm.Close()
		return log.String()
	}
	use()
	first := entries(t, dir)
	if len(first) != 1 {
		t.Fatalf("entries: %q", first)
	}
	if log := use(); log != "" {
		t.Errorf("a sound entry: %q", log)
	}
	for what, file := range map[string]string{
		"code":   first[0],
		"record": filepath.Join(filepath.Dir(filepath.Dir(first[0])), "record"),
		"image":  filepath.Join(filepath.Dir(filepath.Dir(first[0])), "image"),
	} {
		good, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for name, damage := range map[string]func() error{
			"cut short":          func() error { return os.WriteFile(file, good[:len(good)/2], 0o600) },
			"empty":              func() error { return os.WriteFile(file, nil, 0o600) },
			"a bit in the midst": func() error { return os.WriteFile(file, flipped(good, len(good)/2), 0o600) },
			"a bit of its head":  func() error { return os.WriteFile(file, flipped(good, 24), 0o600) },
			"missing":            func() error { return os.Remove(file) },
		} {
			if what == "image" && name == "missing" {
				continue // it is not needed
			}
			if err := damage(); err != nil {
				t.Fatal(err)
			}
			if log := use(); !strings.Contains(log, "damaged") {
				t.Errorf("%s %s: not noticed: %q", what, name, log)
			}
			if log := use(); log != "" {
				t.Errorf("%s %s: not made good: %q", what, name, log)
			}
		}
	}
}

// TestCacheOfAnother: machine code that wazero does not take for the module's,
// as that of another processor, is not replaced by that of the outline, which
// can only trap.
func TestCacheOfAnother(t *testing.T) {
	dir := privateDir(t)
	newEngineOf := func(log io.Writer) *wasm.Engine {
		e, err := wasm.New(wasm.Options{CacheDir: dir, Log: slog.New(slog.NewTextHandler(log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = e.Close() })
		return e
	}
	load(t, newEngineOf(io.Discard), wasm.Source{Name: "guest", Code: guest()})
	code := entries(t, dir)[0]
	strange := filepath.Join(filepath.Dir(code), strings.Repeat("0", 64))
	record := filepath.Join(filepath.Dir(filepath.Dir(code)), "record")
	text, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := bytes.Cut(text, []byte("\n"))
	rest = bytes.ReplaceAll(rest, []byte(filepath.Base(code)), []byte(filepath.Base(strange)))
	text = fmt.Appendf(nil, "%x\n%s", sha256.Sum256(rest), rest)
	if err := errors.Join(os.Rename(code, strange), os.WriteFile(record, text, 0o600)); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	vm := newVM(t, wasm.VMConfig{Module: load(t, newEngineOf(&log), wasm.Source{Name: "guest", Code: guest()})})
	if got, err := run(t, vm, "add", 2, 3); err != nil || got != 5 || !strings.Contains(log.String(), "damaged") {
		t.Errorf("2+3 = %d, %v; log %q", got, err, log.String())
	}
}

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

func TestCacheRefusals(t *testing.T) {
	cases := map[string]struct {
		spoil func(dir string) error
		text  string
	}{
		"writable by all":   {func(dir string) error { return os.Chmod(dir, 0o777) }, "0700"},
		"readable by all":   {func(dir string) error { return os.Chmod(dir, 0o755) }, "0700"},
		"swappable":         {func(dir string) error { return os.Chmod(filepath.Dir(dir), 0o777) }, "in its place"},
		"an open file":      {func(dir string) error { return openFile(filepath.Join(inUse(dir), "x")) }, "written by others"},
		"a link in it":      {func(dir string) error { return os.Symlink("/", filepath.Join(inUse(dir), "x")) }, "neither a file"},
		"not a folder":      {func(dir string) error { os.Remove(dir); return os.WriteFile(dir, nil, 0o700) }, "not a directory"},
		"below a plain one": {func(dir string) error { os.Remove(dir); return os.Symlink(os.DevNull, dir) }, "not a directory"},
	}
	if os.Geteuid() == 0 { // only root can give files away
		cases["another's"] = struct {
			spoil func(dir string) error
			text  string
		}{func(dir string) error { return os.Chown(dir, 1, 1) }, "belongs to user 1"}
		cases["another's file"] = struct {
			spoil func(dir string) error
			text  string
		}{func(dir string) error {
			file := filepath.Join(inUse(dir), "x")
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				return err
			}
			return os.Chown(file, 1, 1)
		}, "belongs to user 1"}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			dir := privateDir(t)
			if err := c.spoil(dir); err != nil {
				t.Fatal(err)
			}
			e, err := wasm.New(wasm.Options{CacheDir: dir})
			if err == nil {
				e.Close()
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), c.text) {
				t.Errorf("got %v, want %q", err, c.text)
			}
		})
	}
}

// inUse is the folder within a cache whose entries are run: an engine makes it.
func inUse(dir string) string {
	e, err := wasm.New(wasm.Options{CacheDir: dir})
	if err != nil {
		return err.Error()
	}
	e.Close()
	made, _ := filepath.Glob(filepath.Join(dir, "*"))
	return strings.Join(made, " and ")
}

// TestCacheOfOthers: what another version has left, or another program, is not
// looked at, and not run.
func TestCacheOfOthers(t *testing.T) {
	dir := privateDir(t)
	if err := openFile(filepath.Join(dir, "x")); err != nil {
		t.Fatal(err)
	}
	newEngine(t, wasm.Options{CacheDir: dir})
}

// openFile makes a file that others may write, whatever the umask.
func openFile(path string) error {
	if err := os.WriteFile(path, nil, 0o666); err != nil {
		return err
	}
	return os.Chmod(path, 0o666)
}

// TestCacheIsMade: a folder that is not there yet.
func TestCacheIsMade(t *testing.T) {
	dir := filepath.Join(privateDir(t), "a", "b")
	newEngine(t, wasm.Options{CacheDir: dir})
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
}
