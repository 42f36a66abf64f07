package filters_test

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/filters/filtertest/realhost"
)

// asked says that world was called, so that there is something to close.
var asked atomic.Bool

// world is the module of this checkout in the real host, made once when a
// test asks for it.
var world = sync.OnceValues(func() (*realhost.World, error) {
	asked.Store(true)
	code, err := realhost.Build("..")
	if err != nil {
		return nil, err
	}
	return realhost.New(code)
})

func TestMain(m *testing.M) {
	code := m.Run()
	if asked.Load() {
		if w, err := world(); err == nil {
			w.Close()
		}
	}
	os.Exit(code)
}

// TestScriptsAsWasm runs what each filter's own test runs natively.
func TestScriptsAsWasm(t *testing.T) {
	w, err := world()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range folders(t) {
		t.Run(name, func(t *testing.T) { filtertest.Run(t, w, name, filepath.Join(name, "testdata")) })
	}
}
