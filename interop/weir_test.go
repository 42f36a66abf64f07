package interop_test

import (
	"bufio"
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

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// program is the file, built for this run.
var program string

func buildAndRun(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "weir-interop")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "weir")
	build := exec.Command("go", "build", "-o", program, "./cmd/weir")
	build.Dir = ".."
	if text, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("building weir: %w\n%s", err, text)
	}
	return m.Run(), nil
}

// weir is the program while it serves.
type weir struct {
	pid  int
	addr string // of the listener
}

// gateway is a configuration with a gRPC service behind every path.
func gateway(upstream string, route ...string) string {
	return fmt.Sprintf(`version = 1
[gateway]
listen = ["127.0.0.1:0"]
[log]
level = "debug"
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
drain = "2s"
[[routes]]
match = { path_prefix = "/" }
cluster = "service"
%s
[clusters.service]
endpoints = [%q]
protocol = "http2"
`, strings.Join(route, "\n"), upstream)
}

// overTLS lets a gateway speak TLS.
func overTLS(toml, certificate, key string) string {
	return strings.Replace(toml, `listen = ["127.0.0.1:0"]`, fmt.Sprintf(`listen = []
tls_listen = ["127.0.0.1:0"]
[gateway.tls]
certificates = [{ cert = %q, key = %q }]`, certificate, key), 1)
}

// start runs the program until the test ends.
func start(t *testing.T, toml string) *weir {
	t.Helper()
	file := filepath.Join(t.TempDir(), "proxy.toml")
	if err := os.WriteFile(file, []byte(toml), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "run", "-c", file)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var log journal
	ready, ended := make(chan map[string][]string, 1), make(chan error, 1)
	go func() {
		log.follow(bufio.NewScanner(stderr), ready)
		ended <- cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("weir ended: %v", err)
			}
		case <-time.After(patience):
			_ = cmd.Process.Kill()
			t.Error("weir did not end")
		}
		if t.Failed() {
			t.Logf("weir's log:\n%s", log.text())
		}
	})
	select {
	case listen := <-ready:
		return &weir{pid: cmd.Process.Pid, addr: listen["gateway"][0]}
	case err := <-ended:
		ended <- nil
		t.Fatalf("weir did not start: %v\n%s\n%s", err, log.text(), toml)
	case <-time.After(patience):
		t.Fatalf("weir is not ready:\n%s", log.text())
	}
	return nil
}

// journal collects a program's log.
type journal struct {
	mu sync.Mutex
	b  strings.Builder
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// follow reads lines to their end, and tells of the addresses once they are known.
func (j *journal) follow(lines *bufio.Scanner, ready chan<- map[string][]string) {
	for lines.Scan() {
		j.mu.Lock()
		j.b.WriteString(lines.Text() + "\n")
		j.mu.Unlock()
		var line struct {
			Msg    string
			Listen map[string][]string
		}
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "ready" {
			ready <- line.Listen
		}
	}
}
