package main_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestGatewayReadme does what the README says to do for a first gateway, command by
// command; only the ports are others.
func TestGatewayReadme(t *testing.T) {
	needs(t, "curl")
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n### A gateway in a minute\n")
	section, _, _ = strings.Cut(section, "\n## ")
	service := coretest.Refusing(t)
	section = strings.ReplaceAll(section, "127.0.0.1:8080", coretest.Refusing(t))
	section = strings.ReplaceAll(section, "127.0.0.1:9000", service)
	blocks := regexp.MustCompile("(?s)```(toml)?\n(.*?)```").FindAllStringSubmatch(section, -1)
	if len(blocks) != 2 || blocks[0][1] != "toml" {
		t.Fatalf("the section has blocks %q", blocks)
	}
	dir := t.TempDir()
	write(t, dir, "edge.toml", "admin.listen = \"127.0.0.1:0\"\ntimeouts.drain_delay = \"0s\"\n"+blocks[0][2])
	shell := func(command string) string {
		return runs(t, nil, "sh", "-e", "-c", "cd '"+dir+"'\n"+strings.ReplaceAll(command, "bin/weir", built.weir))
	}
	commands := strings.Split(strings.TrimSpace(blocks[1][2]), "\n")
	if got := shell(commands[0]); got != "edge.toml: good\n" {
		t.Errorf("%s shows %q", commands[0], got)
	}
	p := setup{dir: dir}.start(t, append(strings.Fields(commands[1])[1:], "--service", service)...)
	p.ready()
	coretest.Eventually(t, "the guide is printed", func() bool { return p.out.Has("Stop with Ctrl-C.") })
	if got := shell(commands[2]); !strings.Contains(got, "HTTP/1.1 200 OK") || !strings.Contains(got, `"path": "/hello"`) {
		t.Errorf("%s shows\n%s", commands[2], got)
	}
	if got := shell(commands[3]); !strings.HasPrefix(got, "200 200 ") || !strings.Contains(got, "429") {
		t.Errorf("%s shows %q", commands[3], got)
	}
}
