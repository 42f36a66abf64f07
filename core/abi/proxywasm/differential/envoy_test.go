package differential_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// envoy is a running Envoy with a listener for each case.
type envoy struct {
	t       *testing.T
	side    *side
	admin   string
	addrs   map[string]string
	settled int
	ended   chan struct{} // closed when it has
	other   *tail         // what it wrote beside the guests' lines
}

// barrier is a case that nobody sees: its filter's line comes after all that
// Envoy's one worker wrote before.
const barrier = "barrier"

// startEnvoy runs an Envoy until the test ends.
func startEnvoy(t *testing.T, binary, dir string, s *side, config []byte) *envoy {
	t.Helper()
	file, adminFile := filepath.Join(dir, "envoy.json"), filepath.Join(dir, "admin")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "-c", file, "--concurrency", "1", "--disable-hot-restart",
		"--admin-address-path", adminFile, "-l", "error", "--component-log-level", "wasm:info", "--log-format", "%v")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	logs, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	e := &envoy{t: t, side: s, ended: make(chan struct{}), other: new(tail)}
	go func() {
		defer close(e.ended)
		e.readLog(logs)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // by its id
		<-e.ended
		_ = cmd.Wait()
	})
	by := time.Now().Add(3 * patience)
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for !e.ready(adminFile) {
		select {
		case <-e.ended:
			t.Fatalf("Envoy has ended; it wrote:\n%s", e.other)
		case <-poll.C:
		}
		if time.Now().After(by) {
			t.Fatalf("Envoy is not ready; it wrote:\n%s", e.other)
		}
	}
	return e
}

// ready finds out where Envoy listens, once it does.
func (e *envoy) ready(adminFile string) bool {
	b, err := os.ReadFile(adminFile)
	if err != nil || len(b) == 0 {
		return false
	}
	e.admin = strings.TrimSpace(string(b))
	if e.ask("/ready") != "LIVE" {
		return false
	}
	var status struct {
		Listeners []struct {
			Name    string `json:"name"`
			Address struct {
				Socket struct {
					Address string `json:"address"`
					Port    int    `json:"port_value"`
				} `json:"socket_address"`
			} `json:"local_address"`
		} `json:"listener_statuses"`
	}
	if err := json.Unmarshal([]byte(e.ask("/listeners?format=json")), &status); err != nil {
		return false
	}
	e.addrs = map[string]string{}
	for _, l := range status.Listeners {
		e.addrs[l.Name] = fmt.Sprintf("%s:%d", l.Address.Socket.Address, l.Address.Socket.Port)
	}
	return true
}

func (e *envoy) ask(path string) string {
	resp, err := http.Get("http://" + e.admin + path)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return strings.TrimSpace(string(b))
}

// wasmLine is how Envoy writes a guest's line: with the plugin's name, its
// root and its VM.
var wasmLine = regexp.MustCompile(`^wasm log(?: ([^\s:]+))?(?: [^\s:]+)*: (.*)$`)

func (e *envoy) readLog(r io.Reader) {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		line = strings.TrimSuffix(line, "\n")
		if m := wasmLine.FindStringSubmatch(line); m != nil {
			e.side.logged(m[1], m[2])
		} else if line != "" {
			e.other.add(line)
		}
		if err != nil {
			return
		}
	}
}

func (e *envoy) addr(c *differentialCase) string {
	addr, ok := e.addrs[c.name]
	if !ok {
		e.t.Fatalf("Envoy has no listener for case %q", c.name)
	}
	return addr
}

// settle passes the barrier twice: events of other sockets that were ready with
// the first one's may come behind it.
func (e *envoy) settle(*differentialCase) {
	for range 2 {
		resp, err := http.Get("http://" + e.addrs[barrier] + "/")
		if err != nil {
			e.t.Errorf("asking Envoy for its barrier: %v", err)
			return
		}
		_ = resp.Body.Close()
		e.settled++
		if !e.side.await(barrier+"/guest", "passed", e.settled) {
			e.t.Error("Envoy's barrier does not log")
		}
	}
}

// check ends the test where Envoy has not lived to see this.
func (e *envoy) check(t *testing.T) {
	select {
	case <-e.ended:
		t.Fatalf("Envoy has ended; it wrote:\n%s", e.other)
	default:
	}
}

// tail is the last that was written, for errors.
type tail struct {
	mu    sync.Mutex
	lines []string
}

func (t *tail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines = append(t.lines, line); len(t.lines) > 40 {
		t.lines = t.lines[1:]
	}
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.Join(t.lines, "\n")
}
