package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// weir is the program, run with the provider.
type weir struct {
	t           *testing.T
	log         coretest.Log
	addr, admin string
}

// bin is a folder with weir and weir-redis, once programs was asked for it.
var bin string

// programs builds them, once.
var programs = sync.OnceValue(func() (err error) {
	if bin, err = os.MkdirTemp("", "weir-redis"); err != nil {
		return err
	}
	for name, folder := range map[string]string{"weir": "../weir", "weir-redis": "."} {
		build := exec.Command("go", "build", "-o", filepath.Join(bin, name), ".")
		build.Dir = folder
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", name, err, out)
		}
	}
	return nil
})

// TestMain leaves no programs behind.
func TestMain(m *testing.M) {
	code := m.Run()
	if bin != "" {
		_ = os.RemoveAll(bin)
	}
	os.Exit(code)
}

// startWeir starts a gateway that holds a limit, with a provider of a
// configuration.
func startWeir(t *testing.T, up, config, limit string) *weir {
	t.Helper()
	if err := programs(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	toml := filepath.Join(dir, "proxy.toml")
	if err := os.WriteFile(toml, []byte(fmt.Sprintf(`version = 1
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
[store]
provider = "redis"
members = 2
[providers.redis]
command = [%q]
config = %s
ping = "200ms"
`, up, limit, filepath.Join(bin, "weir-redis"), config)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &weir{t: t}
	cmd := exec.Command(filepath.Join(bin, "weir"), "run", "-c", toml)
	cmd.Stderr = &w.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { _ = cmd.Wait(); close(exited) }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-exited
		if t.Failed() {
			t.Logf("Weir's log:\n%s", &w.log)
		}
	})
	coretest.Eventually(t, "Weir is ready", func() bool { return w.log.Has(`"msg":"ready"`) })
	for line := range strings.Lines(w.log.String()) {
		var ready struct {
			Msg, Admin string
			Listen     map[string][]string
		}
		if json.Unmarshal([]byte(line), &ready) == nil && ready.Msg == "ready" {
			w.addr, w.admin = ready.Listen["gateway"][0], ready.Admin
		}
	}
	return w
}

// get says whether a user's request gets through. It does or it is one too many:
// nothing else may come of it.
func (w *weir) get(user string) bool {
	w.t.Helper()
	r, err := http.NewRequest("GET", "http://"+w.addr+"/", nil)
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

func (w *weir) view(path string) string {
	r, err := http.Get("http://" + w.admin + path)
	if err != nil {
		return err.Error()
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body)
	return string(body)
}

// knows waits until the store's state is known: up, and shared by so many.
func (w *weir) knows(up bool, members int) {
	w.t.Helper()
	is := "0"
	if up {
		is = "1"
	}
	coretest.Eventually(w.t, fmt.Sprintf("the store is up: %v, with %d members", up, members), func() bool {
		return w.metric("weir_store_up") == is && w.metric("weir_store_members") == fmt.Sprint(members)
	})
}
