package test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/weirproxy/weir/cmd/weir/internal/exit"
)

// settleTime is how long files must be left alone before they are read:
// compilers and editors write in several steps.
const settleTime = 200 * time.Millisecond

// watch runs the cases, and again whenever a file beside them or beside their
// module changes, until the command is interrupted.
func (s *session) watch(args []string) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("--watch: %w", err)
	}
	defer w.Close()
	for {
		seen := s.files(w, args)
		err := s.once(args)
		if s.ctx.Err() != nil {
			return nil
		}
		if _, reason := exit.Of(err); reason != nil {
			fmt.Fprintf(s.out, "weir: %v\n", reason)
		}
		fmt.Fprintln(s.out, "watching; Ctrl-C ends")
		if !s.changed(w, args, seen) {
			return nil
		}
	}
}

// changed waits until the files are not those that were seen, and are left
// alone. It answers false when the command was interrupted.
func (s *session) changed(w *fsnotify.Watcher, args []string, seen map[string]stamp) bool {
	settled := time.NewTimer(settleTime) // they may have changed during the run
	defer settled.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return false
		case <-w.Events:
			settled.Reset(settleTime)
		case <-w.Errors: // events may have been lost: look
			settled.Reset(settleTime)
		case <-settled.C:
			if !maps.Equal(s.files(w, args), seen) {
				return true
			}
		}
	}
}

// stamp tells a file's version from another.
type stamp struct {
	size int64
	at   time.Time
}

// files are the files beside the cases and modules, whose folders are watched
// from here on.
func (s *session) files(w *fsnotify.Watcher, args []string) map[string]stamp {
	found := map[string]stamp{}
	for dir := range folders(args) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // it may come: its parent is watched
		}
		_ = w.Add(dir) // where that fails, changes are seen with the next event
		for _, e := range entries {
			path := filepath.Join(dir, e.Name())
			info, err := os.Stat(path) // of what a link points to
			if err != nil || !info.Mode().IsRegular() || strings.HasPrefix(e.Name(), ".") || path == filepath.Clean(s.options.junit) {
				continue
			}
			found[path] = stamp{info.Size(), info.ModTime()}
		}
	}
	return found
}

// folders are those of the arguments, of the modules that their cases name,
// and their build folders.
func folders(args []string) map[string]bool {
	dirs := map[string]bool{}
	for _, arg := range args {
		dir := arg
		if info, err := os.Stat(arg); err != nil || !info.IsDir() {
			dir = filepath.Dir(arg)
		}
		dirs[filepath.Clean(dir)], dirs[filepath.Join(dir, "build")] = true, true
		if strings.HasSuffix(arg, ".wasm") {
			dirs[filepath.Join(dir, "..")] = true
		}
	}
	suites, _ := load(args) // what is wrong was told
	for _, suite := range suites {
		dirs[filepath.Dir(suite.Path)] = true
		if suite.Module != "" {
			dirs[filepath.Dir(suite.Module)] = true
		}
	}
	return dirs
}
