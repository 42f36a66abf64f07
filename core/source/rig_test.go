package source_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/source"
	"github.com/weirproxy/weir/core/source/store"
)

// wasm is a module, so far as anything here looks into it.
var wasm = []byte("\x00asm\x01\x00\x00\x00 a module of which nobody looks at the inside")

func sumOf(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

// rig is how a test loads: waits take no time, and are noted.
type rig struct {
	source.Options
	log   bytes.Buffer
	mu    sync.Mutex
	waits []time.Duration
}

func newRig(t *testing.T, roots string) *rig {
	t.Helper()
	// Nothing of the tester's own steers it.
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	r := &rig{}
	r.Options = source.Options{
		Store: open(t, filepath.Join(t.TempDir(), "kept")), Roots: roots, Timeout: time.Minute,
		Log: slog.New(slog.NewTextHandler(&r.log, nil)),
		Wait: func(ctx context.Context, d time.Duration) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.waits = append(r.waits, d)
			// Time stands still, so its end has to be reckoned.
			var waited time.Duration
			for _, w := range r.waits {
				waited += w
			}
			if waited > r.Timeout {
				return context.DeadlineExceeded
			}
			return ctx.Err()
		},
	}
	return r
}

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(dir, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// load loads one module.
func (r *rig) load(q source.Request) *source.Module {
	return source.Load(context.Background(), r.Options, []source.Request{q}).Module(q)
}

// keep loads one module and takes it for good.
func (r *rig) keep(q source.Request) *source.Module {
	l := source.Load(context.Background(), r.Options, []source.Request{q})
	l.Keep()
	return l.Module(q)
}

// want checks how the module was had.
func want(t *testing.T, m *source.Module, from source.From) {
	t.Helper()
	if m.Err != nil {
		t.Fatalf("%s: %v", m.Module, m.Err)
	}
	if !bytes.Equal(m.Code, wasm) || m.Sum.String() != sumOf(wasm) || m.From != from {
		t.Fatalf("%s: %d bytes of %v, way %d, want %d bytes by %d", m.Module, len(m.Code), m.Sum, m.From, len(wasm), from)
	}
}

// refused checks that there is no module, and why.
func refused(t *testing.T, m *source.Module, words ...string) {
	t.Helper()
	if m.Err == nil || m.Code != nil {
		t.Fatalf("%s: no error, way %d", m.Module, m.From)
	}
	for _, w := range words {
		if !strings.Contains(m.Err.Error(), w) {
			t.Errorf("%v\ndoes not say %q", m.Err, w)
		}
	}
}

// serve is a server of one module at every path.
func serve(code []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(code) })
}

func write(t *testing.T, name string, content []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
