package coretest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Programs are commands of this repository as they are built, for tests that run
// them: their names, and the folders of their main packages. They are built once, by
// the first test that asks.
//
//	var programs = coretest.Programs{Folders: map[string]string{"weir": "../weir", "weir-x": "."}}
//
//	func TestMain(m *testing.M) { os.Exit(programs.Main(m)) }
type Programs struct {
	Folders map[string]string

	once sync.Once
	dir  string
	err  error
}

// Main runs a package's tests and leaves no programs behind.
func (p *Programs) Main(m *testing.M) int {
	defer func() {
		if p.dir != "" {
			_ = os.RemoveAll(p.dir)
		}
	}()
	return m.Run()
}

// Path is where a program is.
func (p *Programs) Path(t testing.TB, name string) string {
	t.Helper()
	if p.once.Do(p.build); p.err != nil {
		t.Fatal(p.err)
	}
	return filepath.Join(p.dir, name)
}

func (p *Programs) build() {
	if p.dir, p.err = os.MkdirTemp("", "weir-programs"); p.err != nil {
		return
	}
	for name, folder := range p.Folders {
		build := exec.Command("go", "build", "-o", filepath.Join(p.dir, name), ".")
		build.Dir = folder
		if out, err := build.CombinedOutput(); err != nil {
			p.err = fmt.Errorf("building %s: %w\n%s", name, err, out)
			return
		}
	}
}

// Process is the program weir that serves.
type Process struct {
	Side
	Listens map[string][]string // addresses by side
}

// Run runs weir by a configuration until the test ends. Files are beside that one,
// by their names.
func (p *Programs) Run(t testing.TB, toml string, files map[string]string) *Process {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w := &Process{Side: Side{File: filepath.Join(dir, "proxy.toml"), Log: new(Log), t: t}}
	w.Write(toml)
	cmd := exec.Command(p.Path(t, "weir"), "run", "-c", w.File)
	cmd.Stderr = w.Log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { _ = cmd.Wait(); close(exited) }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-exited
		if t.Failed() {
			t.Logf("Weir's log:\n%s", w.Log)
		}
	})
	const compiling = 5 * time.Minute // its modules, where nobody has kept that: on one processor of many tests
	within(t, compiling, "Weir is ready", func() bool {
		select {
		case <-exited:
			t.Fatal("Weir has ended")
		default:
		}
		return w.Log.Has(`"msg":"ready"`)
	})
	for line := range strings.Lines(w.Log.String()) {
		var ready struct {
			Msg, Admin string
			Listen     map[string][]string
		}
		if json.Unmarshal([]byte(line), &ready) == nil && ready.Msg == "ready" {
			w.Listens, w.admin = ready.Listen, func() string { return ready.Admin }
		}
	}
	return w
}
