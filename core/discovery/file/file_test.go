package file_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/discovery/file"
)

// listener follows a file, and keeps what it is told.
type listener struct {
	*file.Source
	path string
	told chan string
	stop context.CancelFunc
	log  *coretest.Log
	t    *testing.T
}

// listen looks at a file that often: not at all, but for what the system tells, if
// that is an hour.
func listen(t *testing.T, path string, every time.Duration) *listener {
	t.Helper()
	l := &listener{path: path, told: make(chan string, 100), log: new(coretest.Log), t: t}
	l.Source = file.New(slog.New(slog.NewTextHandler(l.log, nil)), every)
	ctx, cancel := context.WithCancel(context.Background())
	l.stop = cancel
	t.Cleanup(cancel)
	if err := l.Watch(ctx, path, func(list []discovery.Endpoint) { l.told <- text(list) }); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *listener) hears(want string) {
	l.t.Helper()
	select {
	case got := <-l.told:
		if got != want {
			l.t.Fatalf("told %q, want %q", got, want)
		}
	case <-time.After(coretest.Patience):
		l.t.Fatalf("nothing is told, want %q; %v", want, l.Trouble(l.path))
	}
}

func (l *listener) troubled(part string) {
	l.t.Helper()
	coretest.Eventually(l.t, "the trouble is "+part, func() bool {
		err := l.Trouble(l.path)
		return (err == nil) == (part == "") && (err == nil || strings.Contains(err.Error(), part))
	})
}

func write(t *testing.T, path, data string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

// replace writes a file in one step.
func replace(t *testing.T, path, data string) {
	t.Helper()
	write(t, path+".next", data)
	if err := os.Rename(path+".next", path); err != nil {
		t.Fatal(err)
	}
}

func TestFileIsFollowed(t *testing.T) {
	for _, every := range []time.Duration{time.Hour, 10 * time.Millisecond} { // by events, by looking
		path := filepath.Join(t.TempDir(), "e.toml")
		l := listen(t, path, every)
		l.troubled("no such file")
		replace(t, path, `endpoints = ["a:1"]`)
		l.hears("a:1*1")
		l.troubled("")
		replace(t, path, `endpoints = ["a:1", "b:1"]`)
		l.hears("a:1*1 b:1*1")
		write(t, path, `endpoints = ["a:1", "b:`)
		l.troubled("e.toml:1:")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		l.troubled("no such file")
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		l.troubled("is not a file")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		replace(t, path, `endpoints = []`)
		l.hears("")
		if !l.log.Has("what was known stays in use", "e.toml", "no such file") {
			t.Error("the log does not tell of a file that is gone")
		}
	}
}

// TestLinkIsTurned as orchestrators do with what they mount: the file is a link to
// one in a folder that is itself a link.
func TestLinkIsTurned(t *testing.T) {
	dir := t.TempDir()
	version := func(name, data string) {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name, "e.json"), data)
		if err := os.Symlink(name, filepath.Join(dir, "next")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "next"), filepath.Join(dir, "data")); err != nil {
			t.Fatal(err)
		}
	}
	version("1", `["a:1"]`)
	path := filepath.Join(dir, "e.json")
	if err := os.Symlink("data/e.json", path); err != nil {
		t.Fatal(err)
	}
	l := listen(t, path, time.Hour)
	l.hears("a:1*1")
	version("2", `["b:1"]`)
	l.hears("b:1*1")
}

// TestHalfAFileIsNotTaken: a file that is written in steps, each of which is whole
// by itself, is taken once it is all there.
func TestHalfAFileIsNotTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e.toml")
	write(t, path, `endpoints = ["a:1"]`)
	l := listen(t, path, time.Hour)
	l.hears("a:1*1")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, name := range []string{"b:1", "c:1", "d:1"} {
		if _, err := f.WriteString("[[endpoints]]\naddress = \"" + name + "\"\n"); err != nil {
			t.Fatal(err)
		}
	}
	for got := ""; got != "b:1*1 c:1*1 d:1*1"; got = <-l.told { // on a machine that stops between writes it may come in parts
		if got != "" {
			t.Logf("taken as %q", got)
		}
	}
}

// TestEndedWatchTellsNothing, and others go on.
func TestEndedWatchTellsNothing(t *testing.T) {
	dir := t.TempDir()
	one, two := filepath.Join(dir, "1.toml"), filepath.Join(dir, "2.toml")
	write(t, one, `endpoints = ["a:1"]`)
	write(t, two, `endpoints = ["a:2"]`)
	l := listen(t, one, 10*time.Millisecond)
	l.hears("a:1*1")
	told := make(chan string, 100)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := l.Watch(ctx, two, func(list []discovery.Endpoint) { told <- text(list) }); err != nil {
		t.Fatal(err)
	}
	if got := <-told; got != "a:2*1" {
		t.Fatal(got)
	}
	l.stop()
	replace(t, one, `endpoints = ["b:1"]`)
	replace(t, two, `endpoints = ["b:2"]`)
	if got := <-told; got != "b:2*1" {
		t.Fatal(got)
	}
	select {
	case got := <-l.told:
		t.Errorf("told %q after the end", got)
	default:
	}
}
