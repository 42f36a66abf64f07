package wasm_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/private"
	"github.com/weirproxy/weir/core/wasm"
)

// TestDisused: what other versions had compiled goes when nobody has used it for 30 days,
// and nothing else does.
func TestDisused(t *testing.T) {
	dir := privateDir(t)
	const meter = "-0123456789abcdef"
	long := time.Now().Add(-31 * 24 * time.Hour)
	made := func(name string, used time.Time) string {
		path := filepath.Join(dir, name)
		entry := filepath.Join(path, "entry", "wazero-v1")
		if err := errors.Join(os.MkdirAll(entry, 0o700), os.WriteFile(filepath.Join(entry, "code"), nil, 0o600), os.Chtimes(path, used, used)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	made("v1.2.3"+meter, long)
	made("built-0123"+meter, long)
	made("tested-v1.2.3"+meter, long)
	made("removing-v1.0.0"+meter, time.Now()) // whoever began that was killed
	stays := []string{"v1.2.4" + meter, "v1.2.5" + meter, "v1.2.3", "acme", "modules-0123456789abcdef", "v1.2.6" + meter, "v1.2.7" + meter}
	made(stays[0], time.Now())
	unlock, err := private.Share(made(stays[1], long)) // in use, by whoever began long ago
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	for _, name := range stays[2:5] {
		made(name, long)
	}
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	if err := errors.Join(os.MkdirAll(elsewhere, 0o700), os.Symlink(elsewhere, filepath.Join(dir, stays[5])),
		os.WriteFile(filepath.Join(dir, stays[6]), nil, 0o600), os.Chtimes(filepath.Join(dir, stays[6]), long, long), os.Chtimes(elsewhere, long, long)); err != nil {
		t.Fatal(err)
	}
	e, err := wasm.New(wasm.Options{CacheDir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	stays = append(stays, filepath.Base(e.Entries()))
	left := func() (names []string) {
		all, _ := os.ReadDir(dir)
		for _, d := range all {
			names = append(names, d.Name())
		}
		return names
	}
	slices.Sort(stays)
	for by := time.Now().Add(time.Minute); !slices.Equal(left(), stays); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(by) {
			t.Fatalf("%q are left, want %q", left(), stays)
		}
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(elsewhere); err != nil {
		t.Error(err)
	}
}

// TestDisusedAtStart: whoever begins to use a folder that another is about to remove has
// one that stays.
func TestDisusedAtStart(t *testing.T) {
	dir := privateDir(t)
	e, err := wasm.New(wasm.Options{CacheDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	later := time.Now().Add(60 * 24 * time.Hour)
	if e.Disuse(later) {
		t.Fatal("a folder in use is removed")
	}
	stop := make(chan bool)
	var remover sync.WaitGroup
	remover.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				e.Disuse(later) // by its name alone: e does not hold it any more
				gone, _ := filepath.Glob(filepath.Join(dir, "removing-*"))
				for _, path := range gone {
					_ = os.RemoveAll(path)
				}
			}
		}
	})
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 25 {
				e, err := wasm.New(wasm.Options{CacheDir: dir})
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := os.Stat(e.Entries()); err != nil {
					t.Error(err)
				}
				if err := e.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	close(stop)
	remover.Wait()
}
