package private_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/private"
)

// names are what a folder holds.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// TestWrite: what is written is ours alone, whatever was there, and nothing else is left.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	part := filepath.Join(dir, "part")
	path := filepath.Join(part, "a")
	if err := errors.Join(os.Mkdir(part, 0o700), os.WriteFile(path, []byte("old"), 0o644)); err != nil {
		t.Fatal(err)
	}
	for text, write := range map[string]func(text string) error{
		"new":   func(text string) error { return private.Write(path, []byte(text)) },
		"newer": func(text string) error { return private.WriteBy(dir, path, []byte(text)) },
	} {
		if err := write(text); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		info, _ := os.Stat(path)
		if err != nil || string(b) != text || info.Mode().Perm() != 0o600 {
			t.Errorf("%q of mode %v, %v", b, info.Mode(), err)
		}
	}
	nowhere := filepath.Join(dir, "nowhere", "a")
	if private.Write(nowhere, nil) == nil || private.WriteBy(dir, nowhere, nil) == nil || private.Remove(nowhere) == nil {
		t.Error("a folder that is not there takes files")
	}
	if err := private.Remove(path); err != nil {
		t.Error(err)
	}
	if left := append(names(t, part), names(t, dir)...); len(left) != 1 {
		t.Errorf("%q are left", left)
	}
}

// TestTidy: what a process that died had begun to write goes, what one that runs may
// be writing stays, and so does all else.
func TestTidy(t *testing.T) {
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{"unfinished-1": 2 * time.Hour, "unfinished-2": 0, "finished": 2 * time.Hour} {
		path, then := filepath.Join(dir, name), time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, then, then)); err != nil {
			t.Fatal(err)
		}
	}
	folder, then := filepath.Join(dir, "unfinished-3"), time.Now().Add(-2*time.Hour)
	if err := errors.Join(os.Mkdir(folder, 0o700), os.Chtimes(folder, then, then)); err != nil {
		t.Fatal(err)
	}
	if err := private.Tidy(dir); err != nil {
		t.Fatal(err)
	}
	if left := names(t, dir); len(left) != 3 || left[0] != "finished" || left[1] != "unfinished-2" || left[2] != "unfinished-3" {
		t.Errorf("%q are left", left)
	}
	if private.Tidy(filepath.Join(dir, "nowhere")) == nil {
		t.Error("a folder that is not there is tidy")
	}
}
