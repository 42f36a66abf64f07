package store_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/source/store"
)

func open(t testing.TB, dir string, most int64) *store.Store {
	t.Helper()
	s, err := store.Open(dir, most)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// keep keeps a module at a time, so that which is older is known.
func keep(t *testing.T, s *store.Store, dir, code string, age time.Duration) store.Sum {
	t.Helper()
	sum, err := s.Keep([]byte(code))
	if err != nil {
		t.Fatal(err)
	}
	then := time.Now().Add(-age)
	if err := os.Chtimes(filepath.Join(dir, "modules", sum.String()), then, then); err != nil {
		t.Fatal(err)
	}
	return sum
}

func there(t *testing.T, s *store.Store, sum store.Sum) bool {
	t.Helper()
	code, err := s.Module(sum)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if err == nil && store.Sum(sha256.Sum256(code)) != sum {
		t.Errorf("%v has %q", sum, code)
	}
	return err == nil
}

func TestKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	s := open(t, dir, 1000)
	sum := keep(t, s, dir, "a module", 0)
	manifest := store.Sum{1}
	if _, ok := s.Image(manifest); ok {
		t.Error("an image that nobody kept")
	}
	if err := errors.Join(s.KeepImage(manifest, sum), s.KeepTag("registry.example/house:1", manifest)); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir, 1000)
	got, ok := again.Tag("registry.example/house:1")
	if !ok || got != manifest {
		t.Errorf("the tag names %v, %v", got, ok)
	}
	if got, ok = again.Image(got); !ok || got != sum || !there(t, again, got) {
		t.Errorf("the image has %v, %v", got, ok)
	}
	if _, err := s.Keep(make([]byte, 1001)); err == nil {
		t.Error("it keeps more than it may")
	}
}

// TestDamage: what is not what was put there is not there.
func TestDamage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	s := open(t, dir, 1000)
	for name, damage := range map[string]func(path string) error{
		"a flipped bit": func(p string) error { return os.WriteFile(p, []byte("a modulf"), 0o600) },
		"cut":           func(p string) error { return os.Truncate(p, 3) },
		"longer":        func(p string) error { return os.WriteFile(p, []byte("a module."), 0o600) },
		"empty":         func(p string) error { return os.Truncate(p, 0) },
		"gone":          os.Remove,
	} {
		sum := keep(t, s, dir, "a module", 0)
		path := filepath.Join(dir, "modules", sum.String())
		if err := damage(path); err != nil {
			t.Fatal(err)
		}
		if there(t, s, sum) {
			t.Errorf("%s: it is there", name)
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: its file is left: %v", name, err)
		}
	}
	manifest := store.Sum{1}
	for _, text := range []string{"", "x", "../../etc/passwd"} {
		if err := os.WriteFile(filepath.Join(dir, "images", manifest.String()), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if to, ok := s.Image(manifest); ok {
			t.Errorf("a link of %q leads to %v", text, to)
		}
	}
}

// TestLeastRecentlyUsed goes first, and what leads to it goes with it.
func TestLeastRecentlyUsed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "kept")
	s := open(t, dir, 200) // two of three
	old := keep(t, s, dir, strings.Repeat("old ", 20), 3*time.Hour)
	used := keep(t, s, dir, strings.Repeat("used", 20), 2*time.Hour)
	for i, sum := range []store.Sum{old, used} {
		manifest := store.Sum{byte(i)}
		if err := errors.Join(s.KeepImage(manifest, sum), s.KeepTag(fmt.Sprint("r/", i, ":1"), manifest)); err != nil {
			t.Fatal(err)
		}
	}
	then := time.Now().Add(-4 * time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "modules", used.String()), then, then); err != nil {
		t.Fatal(err)
	}
	if !there(t, s, used) { // which makes it the younger one
		t.Error("not there")
	}
	for name, age := range map[string]time.Duration{"unfinished-1": 2 * time.Hour, "unfinished-2": 0} {
		path, then := filepath.Join(dir, name), time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, then, then)); err != nil {
			t.Fatal(err)
		}
	}
	last := keep(t, s, dir, strings.Repeat("new ", 20), 0)
	if there(t, s, old) || !there(t, s, used) || !there(t, s, last) {
		t.Error("another than the one that was used longest ago is gone")
	}
	if _, ok := s.Tag("r/0:1"); ok {
		t.Error("a tag leads to nothing")
	}
	if _, ok := s.Tag("r/1:1"); !ok {
		t.Error("a tag of what is there is gone")
	}
	left, err := filepath.Glob(filepath.Join(dir, "unfinished-*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "unfinished-2" {
		t.Errorf("unfinished files: %q, want the young one", left)
	}
}

func TestOpenRefuses(t *testing.T) {
	open := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(open, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(open, 1000)
	if err == nil || !strings.Contains(err.Error(), "modules are kept there and run, so it must be a folder of mode 0700") {
		t.Errorf("a folder that others can read: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(file, 1000); err == nil {
		t.Error("it opens a file")
	}
}

// TestSeveralProcesses has processes keep and read the same modules in a folder
// that holds a part of them. None may see half of one.
func TestSeveralProcesses(t *testing.T) {
	const folder = "WEIR_TEST_STORE"
	if dir := os.Getenv(folder); dir != "" {
		churn(t, open(t, dir, 10<<10))
		return
	}
	dir := filepath.Join(t.TempDir(), "kept")
	var all []*exec.Cmd
	for range 3 {
		c := exec.Command(os.Args[0], "-test.run=^TestSeveralProcesses$")
		c.Env = append(os.Environ(), folder+"="+dir)
		c.Stdout, c.Stderr = new(bytes.Buffer), os.Stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	for _, c := range all {
		if err := c.Wait(); err != nil {
			t.Errorf("%v\n%s", err, c.Stdout)
		}
	}
	left, err := filepath.Glob(filepath.Join(dir, "unfinished-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("unfinished files: %q", left)
	}
	var total int64
	files, err := os.ReadDir(filepath.Join(dir, "modules"))
	if err != nil || len(files) == 0 {
		t.Fatalf("nothing is kept: %v", err)
	}
	s := open(t, dir, 10<<10)
	if _, err := s.Keep([]byte("the last")); err != nil {
		t.Fatal(err)
	}
	if files, err = os.ReadDir(filepath.Join(dir, "modules")); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if total > 10<<10 {
		t.Errorf("%d bytes are kept, more than the bound", total)
	}
}

func churn(t *testing.T, s *store.Store) {
	for round := range 5 {
		for n := range 16 {
			code := bytes.Repeat([]byte{byte(n)}, 1000)
			sum, err := s.Keep(code)
			if err != nil {
				t.Fatal(err)
			}
			manifest := store.Sum{byte(n)}
			if err := errors.Join(s.KeepImage(manifest, sum), s.KeepTag(fmt.Sprint(n), manifest)); err != nil {
				t.Fatal(err)
			}
			if m, ok := s.Tag(fmt.Sprint((n + round) % 16)); ok {
				if sum, ok := s.Image(m); ok {
					there(t, s, sum)
				}
			}
		}
	}
}
