package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// steady is an output without what differs from run to run.
func steady(s string) string {
	s = regexp.MustCompile(`time="[0-9.]+"`).ReplaceAllString(s, `time="…"`)
	return regexp.MustCompile(`"x-request-id: [^"]+"|was       "[0-9a-f-]{36}"`).ReplaceAllString(s, `…`)
}

// TestCases runs "weir test" over the folders of testdata/test.
func TestCases(t *testing.T) {
	for _, c := range []struct {
		golden string
		code   int
		args   []string
	}{
		{"test-pass", 0, []string{"pass"}},
		{"test-fail", 1, []string{"fail"}},
		{"test-several", 1, []string{"--run", "adds|otherwise", "pass/test.toml", "fail"}},
		{"test-bad", 2, []string{"bad"}},
		{"test-none", 2, []string{"--run", "no such case", "pass"}},
		{"test-missing", 2, []string{"missing", "missing.toml", "..", "../check/empty.bin"}},
		{"test-regex", 2, []string{"--run", "(", "pass"}},
	} {
		t.Run(c.golden, func(t *testing.T) {
			p := setup{dir: "testdata/test"}.start(t, append([]string{"test"}, c.args...)...)
			if code := p.wait(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			golden(t, c.golden, steady(p.out.String())+"---\n"+p.log.String())
		})
	}
}

// TestJUnit: what CI reads, also of files that cannot be used.
func TestJUnit(t *testing.T) {
	for _, folder := range []string{"fail", "bad"} {
		file := filepath.Join(t.TempDir(), "junit.xml")
		setup{dir: "testdata/test"}.start(t, "test", "--junit", file, folder).wait()
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "test-junit-"+folder, steady(string(text)))
	}
}

// ownFilter makes a folder with a module in build that logs at each request,
// and cases of it.
func ownFilter(t *testing.T, cases string) (dir string) {
	t.Helper()
	m := New()
	log := m.Import("env", "proxy_log", "iii:i")
	m.Memory(1, 1)
	m.Data(8, []byte("a request"))
	m.Func("proxy_abi_version_0_2_1", "")
	m.Func("proxy_on_context_create", "ii")
	m.Func("malloc", "i:i", I32(1024))
	m.Func("proxy_on_request_headers", "iii:i", I32(2), I32(8), I32(9), Call(log), Drop, I32(0))
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "build"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "build"), "own.wasm", string(m.Bytes()))
	write(t, dir, "test.toml", cases)
	return dir
}

const ownCases = "[[cases]]\nname = \"logs\"\nexpect.logs = [\"a request\"]\n"

// TestOwnModule finds the module from the cases, and the cases from the module.
func TestOwnModule(t *testing.T) {
	dir := ownFilter(t, ownCases)
	for _, args := range [][]string{{"."}, {"test.toml"}, {"build/own.wasm"}, {"-v", "build/own.wasm"}} {
		p := setup{dir: dir}.start(t, append([]string{"test"}, args...)...)
		if code := p.wait(); code != 0 || !p.out.Has("1 passed") {
			t.Errorf("%q: exit code %d: %s%s", args, code, &p.out, &p.log)
		}
		if verbose := args[0] == "-v"; verbose != p.out.Has("info", "a request") {
			t.Errorf("%q says\n%s", args, &p.out)
		}
	}
}

// TestBench gives each phase's figures.
func TestBench(t *testing.T) {
	p := setup{dir: ownFilter(t, ownCases)}.start(t, "test", "--bench", "--streams", "500", ".")
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	row := regexp.MustCompile(`(?m)^ +request head +1 +\d+ ns +\d+ ns +\d+\.\d +1\.0 +\d+\.\d *$`)
	if !p.out.Has("500 streams") || !row.MatchString(p.out.String()) {
		t.Errorf("says\n%s", &p.out)
	}
}

// TestWatch runs again when a file changes, whatever is wrong with it, until
// it is interrupted.
func TestWatch(t *testing.T) {
	dir := ownFilter(t, ownCases)
	p := setup{dir: dir}.start(t, "test", "--watch", ".")
	said := func(what string, times int) {
		t.Helper()
		coretest.Eventually(t, what, func() bool { return strings.Count(p.out.String(), what) >= times })
	}
	said("1 passed", 1)
	said("watching", 1)
	write(t, dir, "test.toml", strings.Replace(ownCases, "a request", "a response", 1))
	said("1 of 1 failed", 1)
	said("watching", 2)
	write(t, dir, "test.toml", "[[cases")
	said("is not TOML", 1)
	said("watching", 3)
	write(t, filepath.Join(dir, "build"), "own.wasm", "no module")
	write(t, dir, "test.toml", ownCases)
	said("the filter cannot be used", 1)
	p.signal(syscall.SIGINT)
	if code := p.wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// TestInterrupted: a run ends soon after Ctrl-C.
func TestInterrupted(t *testing.T) {
	dir := ownFilter(t, ownCases+strings.Repeat("\n[[cases]]\nrequest = {}\nrepeat = 100000\n", 1000))
	p := setup{dir: dir}.start(t, "test", ".")
	coretest.Eventually(t, "the first case passes", func() bool { return p.out.Has("ok", "logs") })
	p.signal(syscall.SIGINT)
	if code := p.wait(); code != 1 || !p.log.Has("interrupted") {
		t.Errorf("exit code %d, says %s", code, &p.log)
	}
}
