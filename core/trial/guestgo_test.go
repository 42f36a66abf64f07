package trial_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/trial"
	"github.com/weirproxy/weir/core/wasm"
)

// TestGoGuest has filters that Go built, with timers, queues and properties.
func TestGoGuest(t *testing.T) {
	o := wasm.Options{Log: slog.New(slog.DiscardHandler)}
	if dir, err := os.UserCacheDir(); err == nil {
		o.CacheDir = filepath.Join(dir, "weir-test", "wasm")
	}
	e, err := wasm.New(o)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	suite, err := trial.Load("testdata/go/guest.toml", coretest.Guest(t))
	if err != nil {
		t.Fatal(err)
	}
	r := trial.Runner{Engine: e}
	defer r.Close()
	for _, c := range suite.Cases {
		t.Run(c.Name, func(t *testing.T) {
			if got := r.Run(t.Context(), suite, c); !got.Passed() {
				t.Error(got.Difference())
			}
		})
	}
}
