package main_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestGatewayReadme does what the README says to do for a first gateway, command by
// command; only the ports are others.
func TestGatewayReadme(t *testing.T) {
	needs(t, "curl")
	service := coretest.Refusing(t)
	blocks := section(t, "README.md", "A gateway in a minute", "127.0.0.1:8080", coretest.Refusing(t), "127.0.0.1:9000", service)
	dir := t.TempDir()
	write(t, dir, "edge.toml", "admin.listen = \"127.0.0.1:0\"\ntimeouts.drain_delay = \"0s\"\n"+blocks[0])
	commands := commandsOf(blocks[1])
	if got := shell(t, dir, commands[0]); got != "edge.toml: good\n" {
		t.Errorf("%s shows %q", commands[0], got)
	}
	p := setup{dir: dir}.start(t, append(strings.Fields(commands[1])[1:], "--service", service)...)
	p.ready()
	coretest.Eventually(t, "the guide is printed", func() bool { return p.out.Has("Stop with Ctrl-C.") })
	if got := shell(t, dir, commands[2]); !strings.Contains(got, "HTTP/1.1 200 OK") || !strings.Contains(got, `"path": "/hello"`) {
		t.Errorf("%s shows\n%s", commands[2], got)
	}
	if got := shell(t, dir, commands[3]); got != "200 200 429 429 429 " { // as the README says
		t.Errorf("%s shows %q", commands[3], got)
	}
}
