package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

var programs = coretest.Programs{Folders: map[string]string{"weir": "../weir", "weir-redis": "."}}

func TestMain(m *testing.M) { os.Exit(programs.Main(m)) }

// weir is the program, run with the provider.
type weir struct {
	*coretest.Process
	t *testing.T
}

// gateway is the configuration of one that holds a limit, and tables about where.
func gateway(up, limit, tables string) string {
	return fmt.Sprintf(`version = 1
[gateway]
listen = ["127.0.0.1:0"]
filters = ["limit"]
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
[[routes]]
match = { path_prefix = "/" }
cluster = "up"
[clusters.up]
endpoints = [%q]
[filters.limit]
use = "ratelimit"
config = { scope = "fleet", key = "header:x-user", %s }
%s`, up, limit, tables)
}

// stored are tables of a store, by a provider's configuration.
func stored(t *testing.T, config string) string {
	t.Helper()
	return fmt.Sprintf(`[store]
provider = "redis"
members = 2
[providers.redis]
command = [%q]
config = %s
ping = "200ms"
`, programs.Path(t, "weir-redis"), config)
}

// compiled has the built-in filters compiled to machine code, once, before a test waits
// for a proxy that needs them.
var compiled sync.Once

func startWeir(t *testing.T, toml string) *weir {
	t.Helper()
	compiled.Do(func() {
		file := filepath.Join(t.TempDir(), "proxy.toml")
		if err := os.WriteFile(file, []byte(gateway("127.0.0.1:1", "requests = 1, per = \"1h\"", "")), 0o600); err != nil {
			t.Fatal(err)
		}
		if text, err := exec.Command(programs.Path(t, "weir"), "check", file).CombinedOutput(); err != nil {
			t.Fatalf("compiling the built-in filters: %v\n%s", err, text)
		}
	})
	return &weir{programs.Run(t, toml, map[string]string{"password": password + "\n"}), t}
}

// get says whether a user's request gets through. It does or it is one too many:
// nothing else may come of it.
func (w *weir) get(user string) bool {
	w.t.Helper()
	r, err := http.NewRequest("GET", "http://"+w.Listens["gateway"][0]+"/", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	r.Header.Set("X-User", user)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, a.Body)
	_ = a.Body.Close()
	if a.StatusCode != http.StatusOK && a.StatusCode != http.StatusTooManyRequests {
		w.t.Fatalf("answered %s", a.Status)
	}
	return a.StatusCode == http.StatusOK
}

// through is how many of n requests of a user get through.
func (w *weir) through(user string, n int) (passed int) {
	w.t.Helper()
	for range n {
		if w.get(user) {
			passed++
		}
	}
	return passed
}

// knows waits until the store's state is known: up, and shared by so many.
func (w *weir) knows(up bool, members float64) {
	w.t.Helper()
	is := 0.0
	if up {
		is = 1
	}
	coretest.Eventually(w.t, fmt.Sprintf("the store is up: %v, with %v members", up, members), func() bool {
		return w.Metric("weir_store_up") == is && w.Metric("weir_store_members") == members
	})
}
