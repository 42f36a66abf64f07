package main_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// beside is the configuration of a sidecar whose app asks for "orders".
func beside(orders string) string {
	return fmt.Sprintf(`version = 1
role = "gateway"
[sidecar]
app = "127.0.0.1:9"
inbound = "127.0.0.1:0"
outbound = "127.0.0.1:0"
[admin]
listen = "127.0.0.1:0"
[timeouts]
drain_delay = "0s"
[[routes]]
on = ["outbound"]
cluster = "orders"
[[routes]]
name = "app"
on = ["inbound"]
[clusters.orders]
endpoints = [%q]
`, orders)
}

// script runs a shell's script as the application of a sidecar; $D is a folder.
func script(t *testing.T, s setup, text string, flags ...string) (p *process, dir string) {
	t.Helper()
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "from orders") }))
	dir = t.TempDir()
	s.env = append(s.env, "D="+dir)
	file := write(t, "", "proxy.toml", beside(up.Addr))
	return s.start(t, append(append([]string{"sidecar", "-c", file}, flags...), "--", "sh", "-c", text)...), dir
}

// has waits until the application has made a file.
func has(t *testing.T, path string) string {
	t.Helper()
	var text []byte
	coretest.Eventually(t, "the application makes "+filepath.Base(path), func() (ok bool) {
		var err error
		text, err = os.ReadFile(path)
		return err == nil
	})
	return strings.TrimSpace(string(text))
}

// TestSidecarEnds: the application is told to end when nothing comes in any more, and
// still reaches others until it has ended. Its exit code is ours.
func TestSidecarEnds(t *testing.T) {
	needs(t, "curl")
	inbound := coretest.Refusing(t)
	p, dir := script(t, setup{}, `
trap 'curl -s http://$(cat $D/inbound)/ >/dev/null; echo $? >$D/in; curl -s -o $D/out http://$(cat $D/outbound)/; exit 7' TERM
trap 'touch $D/usr1' USR1
touch $D/started
while :; do sleep 0.05; done`, "--set", fmt.Sprintf("sidecar.inbound = %q", inbound))
	r := p.ready()
	has(t, filepath.Join(dir, "started"))
	p.signal(syscall.SIGUSR1)
	has(t, filepath.Join(dir, "usr1"))
	write(t, dir, "inbound", inbound)
	write(t, dir, "outbound", r.Listen["outbound"][0])
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 7 {
		t.Errorf("exit code %d, want the application's, 7", code)
	}
	if got := has(t, filepath.Join(dir, "out")); got != "from orders" {
		t.Errorf("while it ended the application got %q from others", got)
	}
	if got := has(t, filepath.Join(dir, "in")); got != "7" { // curl could not connect
		t.Errorf("while it ended something could come in: curl ended with %s", got)
	}
	p.logged(`"msg":"drained"`)
}

// TestSidecarAppEnds: then the proxy drains, and ends as the application did.
func TestSidecarAppEnds(t *testing.T) {
	for text, want := range map[string]int{"exit 3": 3, "true": 0, "kill -9 $$": 137} {
		p, _ := script(t, setup{}, text)
		if code := p.wait(); code != want {
			t.Errorf("%s: exit code %d, want %d", text, code, want)
		}
		p.logged(`"msg":"drained"`)
	}
}

// TestSidecarStubbornApp: one that does not end is killed.
func TestSidecarStubbornApp(t *testing.T) {
	p, dir := script(t, setup{}, `trap '' TERM; touch $D/started; while :; do sleep 0.05; done`, "--grace", "50ms")
	has(t, filepath.Join(dir, "started"))
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 137 {
		t.Errorf("exit code %d, want 137", code)
	}
}

// TestSidecarNotStarted: without a proxy there is no application.
func TestSidecarNotStarted(t *testing.T) {
	dir := t.TempDir()
	mark := filepath.Join(dir, "started")
	bad := write(t, dir, "bad.toml", strings.Replace(beside("127.0.0.1:1"), "9\"", "no port\"", 1))
	good := write(t, dir, "good.toml", beside("127.0.0.1:1"))
	taken := write(t, dir, "taken.toml", strings.Replace(beside("127.0.0.1:1"), `outbound = "127.0.0.1:0"`,
		fmt.Sprintf("outbound = %q", coretest.Serve(t, http.NotFoundHandler()).Addr), 1))
	for _, c := range []struct {
		file string
		argv []string
		code int
		says string
	}{
		{bad, []string{"touch", mark}, 1, "sidecar.app"},
		{taken, []string{"touch", mark}, 1, "address already in use"},
		{good, []string{"no-such-command"}, 127, "no-such-command"},
	} {
		p := start(t, append([]string{"sidecar", "-c", c.file, "--"}, c.argv...)...)
		if code := p.wait(); code != c.code || !p.log.Has(c.says) {
			t.Errorf("%s %q: exit code %d, want %d and %q", filepath.Base(c.file), c.argv, code, c.code, c.says)
		}
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("the application was started")
	}
}
