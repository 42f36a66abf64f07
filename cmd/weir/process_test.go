package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// process is a weir that was started.
type process struct {
	t        *testing.T
	cmd      *exec.Cmd
	out, log coretest.Log // standard output and error
	exited   chan struct{}
}

// setup is how a process is started.
type setup struct {
	program string // default: weir
	dir     string
	env     []string
	files   []*os.File // from descriptor 3 on
	attr    *syscall.SysProcAttr
}

// start starts weir with arguments. It ends with the test at the latest.
func start(t *testing.T, args ...string) *process { return setup{}.start(t, args...) }

func (s setup) start(t *testing.T, args ...string) *process {
	t.Helper()
	if s.program == "" {
		s.program = built.weir
	}
	p := &process{t: t, cmd: exec.Command(s.program, args...), exited: make(chan struct{})}
	p.cmd.Dir = s.dir
	// Nothing of the tester's own environment steers it.
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "XDG_CACHE_HOME=" + built.cache}, s.env...)
	p.cmd.ExtraFiles, p.cmd.SysProcAttr = s.files, s.attr
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // ProcessState has it
		close(p.exited)
	}()
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.exited
		if strings.Contains(p.log.String(), "DATA RACE") {
			t.Error("a data race")
		}
		if t.Failed() {
			t.Logf("standard output:\n%s\nstandard error:\n%s", &p.out, &p.log)
		}
	})
	return p
}

// signal sends a signal.
func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("sending %v: %v", s, err)
	}
}

// wait waits for the end, and answers the exit code; -1 is an end by a signal.
func (p *process) wait() int {
	p.t.Helper()
	return p.waitFor(coretest.Patience)
}

// compiling is how long a process may take that compiles a module of the Go
// toolchain, with the race detector in it, on a slow machine.
const compiling = 10 * coretest.Patience

// waitFor is wait with other patience.
func (p *process) waitFor(patience time.Duration) int {
	p.t.Helper()
	select {
	case <-p.exited:
	case <-time.After(patience):
		p.t.Fatal("the process does not end")
	}
	return p.cmd.ProcessState.ExitCode()
}

// ended says whether the process has ended.
func (p *process) ended() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// logged waits until a line with all words is on standard error.
func (p *process) logged(words ...string) {
	p.t.Helper()
	coretest.Eventually(p.t, "a log line with "+strings.Join(words, ", "), func() bool { return p.log.Has(words...) })
}

// ready is what the process says when it takes requests.
type ready struct {
	Role   string
	Listen map[string][]string
	Admin  string
}

// ready waits until requests are taken.
func (p *process) ready() (r ready) {
	p.t.Helper()
	coretest.Eventually(p.t, "the process is ready", func() bool { return p.log.Has(`"msg":"ready"`) || p.ended() })
	for line := range strings.Lines(p.log.String()) {
		if strings.Contains(line, `"msg":"ready"`) {
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				p.t.Fatal(err)
			}
			return r
		}
	}
	p.t.Fatalf("it ended with %d before it was ready", p.wait())
	return r
}

// status asks the admin's door, and answers the status; 0 if it does not answer.
func status(admin, path string) int {
	r, err := http.Get("http://" + admin + path)
	if err != nil {
		return 0
	}
	_ = r.Body.Close()
	return r.StatusCode
}

// write makes a file in a folder of its own, or the one given, in one step.
func write(t *testing.T, dir, name, text string) (path string) {
	t.Helper()
	if dir == "" {
		dir = t.TempDir()
	}
	path = filepath.Join(dir, name)
	if err := os.WriteFile(path+".next", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".next", path); err != nil {
		t.Fatal(err)
	}
	return path
}

// gateway is a configuration with one route to upstream. Rest are further tables.
func gateway(upstream string, rest ...string) string {
	return fmt.Sprintf(`version = 1
[gateway]
listen = ["127.0.0.1:0"]
[admin]
listen = "127.0.0.1:0"
[[routes]]
name = "all"
cluster = "up"
[clusters.up]
endpoints = [%q]
`, upstream) + strings.Join(rest, "\n") + "\n"
}

// atOnce lets a process end without a delay.
const atOnce = "[timeouts]\ndrain_delay = \"0s\""
