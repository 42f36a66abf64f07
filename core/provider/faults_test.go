package provider_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/provider"
)

const truth = "10.0.0.1:80 1"

// TestLies: a snapshot that cannot be true changes nothing, and is told.
func TestLies(t *testing.T) {
	for _, c := range []struct{ service, told string }{
		{"address nonsense", `endpoint 2 of 2 has a bad address: "nonsense" has no port`},
		{"address 10.0.0.2:0", "has port 0"},
		{"address 10.0.0.2:99999", "want a number up to 65535"},
		{"address :80", "has no host"},
		{"address ", "has a bad address: it is empty"},
		{"address http://10.0.0.2:80", "is a URL"},
		{"address a\r\nb:80", "neither a name nor an IP address"},
		{"address " + strings.Repeat("x", 200) + ".example:80", "neither a name"},
		{"weight", "weight 4294967295, more than 1000000"},
		{"identity https://example.org/web", "which is not a SPIFFE ID"},
		{"identity spiffe://example.org/a b", "which is not a SPIFFE ID"},
		{"twice", `"10.0.0.2:80" is there twice`},
		{"older", "version 9 comes after version 10"},
		{"again", "version 11 comes twice"},
		{"versionless", "it has no version"},
		{"endpoints", "more than 10000 endpoints"},
		{"empties", "more than 10000 endpoints"},
		{"long", "larger than max"},
		{"metadata", "bytes of metadata, more than 4096"},
		{"pairs", "more than 64 pairs of metadata"},
		{"error", "the registry is away (Unavailable)"},
		{"ends", "it ended the answer"},
	} {
		t.Run(c.service, func(t *testing.T) {
			t.Parallel()
			p := begin(t, options{})
			w := p.watch(c.service)
			w.expect(truth)
			p.eventually("it is told: "+c.told, func() bool { return strings.Contains(p.service(c.service).Error, c.told) })
			if s := p.service(c.service); s.Stale == nil || s.Endpoints != 1 {
				t.Errorf("is %+v, want the one endpoint, stale", s)
			}
			w.expect(truth)
			if s := p.Stats(); s.State != provider.Running || s.Starts != 1 {
				t.Errorf("the provider is %+v, want it to run on", s)
			}
		})
	}
}

// TestBadStarts: a process that does not begin as it should is told of, and is
// gone.
func TestBadStarts(t *testing.T) {
	short := 2 * time.Second
	for _, c := range []struct {
		name string
		options
		told string
	}{
		{"no program", options{Command: []string{"./none"}}, "no such file"},
		{"not in PATH", options{Command: []string{"weir-none"}}, "not found in $PATH"},
		{"not a program", options{Command: []string{"./doc.go"}}, "permission denied"},
		{"other program", options{SHA256: strings.Repeat("0", 64)}, "not the one that sha256 names"},
		{"exits", options{}, "its process ended: exit status 3"},
		{"hangs", options{Start: short}, "it was not there within 2s, and was killed"},
		{"garbage", options{}, "Unrecognized remote plugin message: hello"},
		{"one line", options{Start: short}, "Unrecognized remote plugin message"},
		{"netrpc", options{}, "unsupported plugin protocol"},
		{"old", options{}, "incompatible API version"},
		{"elsewhere", options{}, `the provider listens at tcp "127.0.0.1:1"`},
		{"no TLS", options{}, "authentication handshake failed"},
		{"configuration", options{Config: "refuse"}, `configuring it: the key "adress" is unknown (InvalidArgument)`},
		{"configured late", options{Config: "hang", Call: 50 * time.Millisecond}, "configuring it: context deadline exceeded"},
		{"other contract", options{Config: "other"}, `it has no Discovery, but ["Weather"]`},
		{"long error", options{Config: "huge"}, "configuring it: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.Env = map[string]string{"ROGUE": c.name}
			p := begin(t, c.options)
			w := p.watch("good")
			p.log.wait(t, "it is started again", "level=ERROR")
			p.eventually("it is told: "+c.told, func() bool { return strings.Contains(p.Stats().Error, c.told) })
			if s := p.Stats(); s.State != provider.Down || s.Starts != 0 || len(s.Error) > 2000 {
				t.Errorf("is %+v", s)
			}
			if calls, _ := w.told(); calls != 0 {
				t.Error("something was told")
			}
		})
	}
}

// TestPinned: a program of the SHA-256 that was named is started.
func TestPinned(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	p := begin(t, options{SHA256: fmt.Sprintf("%X", sha256.Sum256(b))})
	p.watch("good").expect(truth)
}

// TestLate: who asks for a service that is known hears of it at once, also while
// the provider is away. What nobody asks for is forgotten.
func TestLate(t *testing.T) {
	p := begin(t, options{Env: map[string]string{"ROGUE": ""}})
	w := p.watch("dies")
	w.expect(truth)
	p.eventually("the process has died", func() bool { return p.service("dies").Stale != nil })
	late := p.watch("dies")
	late.expect(truth)
	w.cancel()
	late.cancel()
	p.eventually("the service is forgotten", func() bool { return p.service("dies").Name == "" })
	for _, bad := range []string{"", strings.Repeat("x", 256), "\xff"} {
		if err := p.Watch(t.Context(), bad, nil); err == nil {
			t.Errorf("the service %q is taken", bad)
		}
	}
	p.Close()
	if err := p.Watch(t.Context(), "good", nil); err == nil {
		t.Error("a provider that is closed takes a service")
	}
}

// TestKilled: the endpoints stay while the process is away, and another takes
// its place.
func TestKilled(t *testing.T) {
	p := begin(t, options{})
	w := p.watch("good")
	w.expect(truth)
	pid := p.pid(0)
	for range 3 {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		next := p.pid(pid)
		gone(t, pid)
		pid = next
	}
	p.eventually("it is vouched for again", func() bool { s := p.service("good"); return s.Known && s.Stale == nil })
	w.expect(truth)
	if s := p.Stats(); s.Starts != 4 {
		t.Errorf("started %d times, want 4", s.Starts)
	}
	p.log.wait(t, "what it said last stays in use", "signal: killed")
}

// TestFrozen: a process that says nothing any more is killed.
func TestFrozen(t *testing.T) {
	p := begin(t, options{Call: 200 * time.Millisecond})
	w := p.watch("good")
	w.expect(truth)
	pid := p.pid(0)
	for syscall.Kill(pid, syscall.SIGSTOP) != nil { // a slow one was taken for dead already
		pid = p.pid(pid)
	}
	p.pid(pid)
	gone(t, pid)
	w.expect(truth)
	p.log.wait(t, "it did not say twice that it lives")
}

// TestFrozenAtTheEnd: a process that does not end is killed.
func TestFrozenAtTheEnd(t *testing.T) {
	p := begin(t, options{})
	p.watch("good").expect(truth)
	pid := p.pid(0)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	p.Close()
	gone(t, pid)
}

// TestFlood: who says too much is read at our pace, and the newest is told.
func TestFlood(t *testing.T) {
	p := begin(t, options{})
	w := p.watch("flood")
	began := time.Now()
	p.eventually("five snapshots are taken", func() bool { return p.service("flood").Version >= 15 })
	calls, _ := w.told()
	if most := int(time.Since(began)/(100*time.Millisecond)) + 2; calls > most {
		t.Errorf("told %d times in %v, want at most %d", calls, time.Since(began), most)
	}
	// What another service has to say is not held up.
	p.watch("good").expect(truth)
}

// TestShout: who says too much to its log is logged some lines a second.
func TestShout(t *testing.T) {
	p := begin(t, options{Env: map[string]string{"ROGUE": "shouts"}})
	p.watch("good").expect(truth)
	p.log.wait(t, "the provider says more than is logged")
	if text := p.log.String(); strings.ContainsRune(text, '\x1b') {
		t.Error("the log has an escape")
	}
	for line := range strings.Lines(p.log.String()) {
		if len(line) > 8<<10 {
			t.Errorf("the log has a line of %d bytes", len(line))
		}
	}
}

// TestNothingInherited: a provider sees what its table names, and what go-plugin
// tells it.
func TestNothingInherited(t *testing.T) {
	t.Setenv("A_SECRET_OF_OURS", "x")
	p := begin(t, options{Env: map[string]string{"ROGUE": "", "GIVEN": "1"}})
	w := p.watch("env")
	p.eventually("the environment is told", func() bool { calls, list := w.told(); return calls > 0 && list[0] == "10.0.0.2:80 0" })
	w.mu.Lock()
	defer w.mu.Unlock()
	for name := range strings.FieldsSeq(w.last[0].Metadata["env"]) {
		if name != "ROGUE" && name != "GIVEN" && name != "WEIR_PROVIDER" && !strings.HasPrefix(name, "PLUGIN_") {
			t.Errorf("it sees %s", name)
		}
	}
}

// TestLeftBehind: what a provider started ends with it.
func TestLeftBehind(t *testing.T) {
	p := begin(t, options{Env: map[string]string{"ROGUE": "leaves a child", "PATH": os.Getenv("PATH")}})
	p.watch("good").expect(truth)
	var child int
	p.eventually("the child is told of", func() bool {
		m := regexp.MustCompile(`child (\d+) \.`).FindStringSubmatch(p.log.String())
		if m != nil {
			child, _ = strconv.Atoi(m[1])
		}
		return child != 0
	})
	p.Close()
	gone(t, child)
}

// TestSocketsGo: nothing is left of a provider in the folder for passing things.
func TestSocketsGo(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, o := range []options{{}, {Command: []string{"./doc.go"}}, {Command: []string{"./none"}}} {
		p := begin(t, o)
		w := p.watch("good")
		p.eventually("it is there or not", func() bool { calls, _ := w.told(); return calls > 0 || p.Stats().Error != "" })
		p.Close()
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left: %q, %v", left, err)
	}
}

// gone waits until there is no such process, not even one that has ended.
func gone(t *testing.T, pid int) {
	t.Helper()
	coretest.Eventually(t, "the process is gone", func() bool { return syscall.Kill(pid, 0) != nil })
}
