package main_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/source/sourcetest"
)

// filtered is a gateway whose filter "v" comes from elsewhere. Keys are those of
// the filter, more those of the table [modules].
func filtered(up, folder, roots string, keys, more string) string {
	text := gateway(up, atOnce, fmt.Sprintf("[modules]\nfolder = %q\nroots = %q\n%s", folder, roots, more), "[filters.v]\n"+keys)
	return strings.Replace(text, "[gateway]\n", "[gateway]\nfilters = [\"v\"]\n", 1)
}

// version is that of the filter that a request meets.
func version(t *testing.T, at string) string {
	t.Helper()
	return coretest.Get(t, at, "/").Header.Get("X-Back")
}

func (p *process) stop() {
	p.t.Helper()
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 {
		p.t.Errorf("exit code %d", code)
	}
}

// TestModuleFromURL fetches a module over TLS, and does without its server at
// the next start.
func TestModuleFromURL(t *testing.T) {
	up := hello(t, "up")
	code := coretest.Versioned("one")
	s := sourcetest.NewServer(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(code) }))
	s.Fails(sourcetest.Times(1, sourcetest.Status(503)))
	dir := t.TempDir()
	toml := func(sum, more string) string {
		return filtered(up.Addr, filepath.Join(dir, "kept"), s.Roots, fmt.Sprintf("module = \"https://%s/v.wasm\"\nsha256 = %q", s.Host, sum), more)
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(code))
	file := write(t, dir, "proxy.toml", toml(sum, ""))
	p := start(t, "run", "-c", file)
	if v := version(t, p.ready().Listen["gateway"][0]); v != "one" {
		t.Errorf("version %q", v)
	}
	p.logged("another try follows", "503 Service Unavailable")
	p.logged("module fetched", `"filter":"v"`, sum)
	p.stop()

	wrong := write(t, dir, "wrong.toml", toml(strings.Repeat("0", 64), ""))
	p = start(t, "run", "-c", wrong)
	if code := p.wait(); code != 1 || !p.log.Has("wrong.toml:", "filters.v: ", "its SHA-256 is "+sum) {
		t.Errorf("a wrong digest: exit code %d", code)
	}
	s.Away()
	p = start(t, "run", "-c", file)
	if v := version(t, p.ready().Listen["gateway"][0]); v != "one" {
		t.Errorf("without its server: version %q", v)
	}
	p.stop()
	p = start(t, "run", "-c", write(t, dir, "hasty.toml", toml(strings.Repeat("0", 64), "timeout = \"500ms\"")))
	if code := p.wait(); code != 1 || !p.log.Has("filters.v: fetching module", "connection refused") {
		t.Errorf("without its server, and not kept: exit code %d", code)
	}
}

// TestModuleFromRegistry runs an image's module, takes up what its tag names
// later, and does without the registry at the next start.
func TestModuleFromRegistry(t *testing.T) {
	up := hello(t, "up")
	registry := sourcetest.NewRegistry(t)
	push := func(code []byte) { registry.Push(t, "filters/v", "1", sourcetest.Layouts(t, code)["docker build"]) }
	push(coretest.Versioned("one"))
	dir := t.TempDir()
	file := write(t, dir, "proxy.toml", filtered(up.Addr, "kept", registry.Roots, "module = \"oci://"+registry.Host+"/filters/v:1\"", "refresh = \"1s\""))
	p := start(t, "run", "-c", file)
	r := p.ready()
	at := r.Listen["gateway"][0]
	if v := version(t, at); v != "one" {
		t.Errorf("version %q", v)
	}
	push(coretest.Versioned("two"))
	coretest.Eventually(t, "the moved tag is taken up", func() bool { return version(t, at) == "two" })
	// An image without a module changes nothing, is told, and is told once.
	registry.Push(t, "filters/v", "1", sourcetest.Of(t, sourcetest.OCI, "x/y"))
	p.logged("reload refused", "filters.v: fetching module", "none of its layers holds a module")
	before := registry.Requests()
	coretest.Eventually(t, "the tag is looked at again", func() bool { return registry.Requests() > before+1 })
	if n := strings.Count(p.log.String(), "reload refused"); n != 1 {
		t.Errorf("told %d times", n)
	}
	registry.Away()
	p.signal(syscall.SIGHUP)
	p.logged("the last good one is used", `"filter":"v"`, "connection refused")
	p.logged(`"msg":"reloaded"`)
	if v := version(t, at); v != "two" {
		t.Errorf("version %q", v)
	}
	p.stop()
	p = start(t, "run", "-c", file)
	if v := version(t, p.ready().Listen["gateway"][0]); v != "two" {
		t.Errorf("without its registry: version %q", v)
	}
	p.logged("the last good one is used")
	p.stop()
}

// TestTwoProcesses start from one folder at a time, none the worse for it.
func TestTwoProcesses(t *testing.T) {
	up := hello(t, "up")
	registry := sourcetest.NewRegistry(t)
	registry.Push(t, "v", "1", sourcetest.Layouts(t, coretest.Versioned("one"))["higress"])
	dir := t.TempDir()
	file := write(t, dir, "proxy.toml", filtered(up.Addr, "kept", registry.Roots, "module = \"oci://"+registry.Host+"/v:1\"", ""))
	both := []*process{start(t, "run", "-c", file), start(t, "run", "-c", file)}
	for _, p := range both {
		if v := version(t, p.ready().Listen["gateway"][0]); v != "one" {
			t.Errorf("version %q", v)
		}
	}
	for _, p := range both {
		p.stop()
	}
}

// TestCheckModules says what could be fetched and what not.
func TestCheckModules(t *testing.T) {
	registry := sourcetest.NewRegistry(t)
	image := sourcetest.Layouts(t, coretest.Versioned("one"))["wasme"]
	registry.Push(t, "v", "1", image)
	sum := fmt.Sprintf("%x", sha256.Sum256(coretest.Versioned("one")))
	module := "oci://" + registry.Host + "/v:1"
	dir := t.TempDir()
	file := write(t, dir, "proxy.toml", filtered("127.0.0.1:1", "kept", registry.Roots, "module = \""+module+"\"", ""))
	for _, c := range []struct {
		what string
		do   func()
		args []string
		code int
		says string // about the module, as %[1]s, and its sum
	}{
		{"nothing is kept, nothing is fetched", nil, []string{"--offline"}, 0, "filters.v: module %[1]q is not looked at: it is not kept here, and nothing is to be fetched"},
		{"it is fetched", nil, nil, 0, "filters.v: module %[1]q was fetched, SHA-256 %[2]s"},
		{"it is kept", nil, nil, 0, "filters.v: module %[1]q was kept here before, SHA-256 %[2]s"},
		{"it is kept, nothing is fetched", nil, []string{"--offline"}, 0, "filters.v: module %[1]q was kept here before, SHA-256 %[2]s"},
		{"it is bad", func() { registry.Push(t, "v", "1", sourcetest.Of(t, sourcetest.OCI, "x/y")) }, nil, 1, "filters.v: fetching module %[1]q: none of its layers holds a module; they are []"},
		{"it is kept and away", registry.Away, nil, 0, "filters.v: module %[1]q cannot be fetched, and the last good one is used, of SHA-256 %[2]s: "},
	} {
		if c.do != nil {
			c.do()
		}
		p := start(t, append([]string{"check", file}, c.args...)...)
		if code := p.wait(); code != c.code {
			t.Errorf("%s: exit code %d, want %d", c.what, code, c.code)
		}
		if says := fmt.Sprintf(c.says+"%.0[1]s%.0[2]s", module, sum); !p.out.Has(file, says) || c.code == 0 && !p.out.Has(file+": good") {
			t.Errorf("%s: does not say %s, but\n%s", c.what, says, &p.out)
		}
	}
}
