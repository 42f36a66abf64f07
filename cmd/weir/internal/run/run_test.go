package run_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/weirproxy/weir/cmd/weir/internal/run"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/server"
	"github.com/weirproxy/weir/core/wasm/wasmtest"
)

// TestToldToEndWhileItStarts: that is no failure, and filters that were not
// loaded any more are not told as problems of the file.
func TestToldToEndWhileItStarts(t *testing.T) {
	m := wasmtest.New()
	m.Memory(1, 1)
	m.Func("proxy_abi_version_0_2_1", "")
	dir := t.TempDir()
	file := filepath.Join(dir, "proxy.toml")
	for path, content := range map[string][]byte{
		filepath.Join(dir, "empty.wasm"): m.Bytes(),
		file: []byte(`version = 1
[gateway]
listen = ["127.0.0.1:0"]
[admin]
listen = ""
[wasm]
cache = "off"
[filters.one]
module = "empty.wasm"
[[routes]]
name = "all"
filters = ["one"]
cluster = "up"
[clusters.up]
endpoints = ["127.0.0.1:1"]
`),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	started := false
	if err := run.Serve(over, file, config.Overrides{}, func(*server.Server) { started = true }); err != nil || started {
		t.Errorf("%v, started %v", err, started)
	}
}
