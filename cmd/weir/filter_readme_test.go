package main_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestFilterReadme does what the README says to do for a first filter, command by
// command; only the ports are others, and it is told where Weir's source is.
func TestFilterReadme(t *testing.T) {
	needs(t, "curl")
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOFLAGS", "")
	clear, service := coretest.Refusing(t), coretest.Refusing(t)
	commands := commandsOf(section(t, "README.md", "A filter in a minute", "127.0.0.1:8080", clear)[0])
	dir := t.TempDir()
	if got := shell(t, dir, commands[0]+" --sdk '"+root(t)+"'"); !strings.Contains(got, "weir test .") {
		t.Errorf("%s shows\n%s", commands[0], got)
	}
	for i, want := range []string{"", "5 passed", "admitted under"} {
		if got := shell(t, dir, commands[1+i]); !strings.Contains(got, want) {
			t.Errorf("%s shows\n%s", commands[1+i], got)
		}
	}
	folder := filepath.Join(dir, "house")
	text := strings.NewReplacer("127.0.0.1:8080", clear, "127.0.0.1:9000", service).Replace(read(t, folder, "proxy.toml"))
	write(t, folder, "proxy.toml", text+"\n[admin]\nlisten = \"127.0.0.1:0\"\n"+atOnce+"\n")
	if p := (setup{dir: folder}).start(t, "check", "proxy.toml"); p.waitFor(compiling) != 0 {
		t.Fatal("its proxy.toml is not good")
	} // what it has compiled is in the cache of tests from here on
	p := setup{dir: dir}.start(t, append(strings.Fields(commands[4])[1:], "--service", service)...)
	p.ready()
	coretest.Eventually(t, "the guide is printed", func() bool { return p.out.Has("Stop with Ctrl-C.") })
	command, says, _ := strings.Cut(commands[5], "#")
	if got := shell(t, dir, command); !strings.Contains(strings.ToLower(got), "\n"+strings.TrimSpace(says)+"\n") {
		t.Errorf("%s shows\n%s\nwant %q", command, got, says)
	}
}
