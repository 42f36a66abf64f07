package examples_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/config"
)

// envoyBinary is where "make deps" puts it.
const envoyBinary = "../.deps/bin/envoy"

// envoy runs an Envoy by the same proxy.toml.
func envoy(t *testing.T, toml string) (*proxy, error) {
	t.Helper()
	if _, err := os.Stat(envoyBinary); err != nil {
		missing(t, envoyBinary, "make deps")
	}
	c, err := config.Parse("proxy.toml", []byte(toml), config.Overrides{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "envoy.json")
	b, err := json.Marshal(bootstrap(t, c))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	e := &envoyProcess{log: filepath.Join(dir, "log"), admin: filepath.Join(dir, "admin"), ended: make(chan struct{})}
	e.start(t, "-c", file, "--admin-address-path", e.admin, "--log-path", e.log)
	// It does one or the other, however long that takes.
	for tick := time.Tick(10 * time.Millisecond); e.get("/ready") != "LIVE\n"; <-tick {
		if e.gone() {
			return nil, errors.New(e.text())
		}
	}
	addr, err := e.listener()
	if err != nil {
		return nil, err
	}
	return &proxy{addr: addr, metric: e.metric, log: e.text, stop: e.stop}, nil
}

// envoyProcess is an Envoy that runs, or did.
type envoyProcess struct {
	cmd        *exec.Cmd
	log, admin string        // files that it writes
	ended      chan struct{} // closed when it has
}

func (e *envoyProcess) start(t *testing.T, args ...string) {
	t.Helper()
	args = append(args, "--concurrency", "2", "--disable-hot-restart", "-l", "warning", "--component-log-level", "wasm:info")
	e.cmd = exec.Command(envoyBinary, args...)
	e.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := e.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = e.cmd.Wait()
		close(e.ended)
	}()
	t.Cleanup(func() {
		_ = e.cmd.Process.Kill()
		<-e.ended
		if t.Failed() {
			t.Logf("Envoy's log:\n%s", e.text())
		}
	})
}

func (e *envoyProcess) stop(t *testing.T) {
	if err := e.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("Envoy has ended before: %v", err)
	}
	<-e.ended
	if log := e.text(); strings.Contains(log, "Function: ") || strings.Contains(log, "abort") {
		t.Errorf("a filter failed:\n%s", log)
	}
}

func (e *envoyProcess) gone() bool {
	select {
	case <-e.ended:
		return true
	default:
		return false
	}
}

func (e *envoyProcess) text() string {
	b, _ := os.ReadFile(e.log)
	return string(b)
}

// get asks the admin's door; "" while there is none.
func (e *envoyProcess) get(path string) string {
	addr, err := os.ReadFile(e.admin)
	if err != nil || len(addr) == 0 {
		return ""
	}
	resp, err := http.Get("http://" + string(addr) + path)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return string(b)
}

// listener is the address that was bound.
func (e *envoyProcess) listener() (string, error) {
	text := e.get("/listeners") // "gateway::127.0.0.1:43210"
	_, addr, ok := strings.Cut(strings.TrimSpace(text), "::")
	if !ok {
		return "", fmt.Errorf("Envoy has no listener: %q", text)
	}
	return addr, nil
}

func (e *envoyProcess) metric(name string) float64 {
	lines := bufio.NewScanner(strings.NewReader(e.get("/stats?filter=" + name)))
	for lines.Scan() {
		v := 0.0
		if _, err := fmt.Sscanf(lines.Text(), "wasmcustom."+name+": %g", &v); err == nil {
			return v
		}
	}
	return 0
}
