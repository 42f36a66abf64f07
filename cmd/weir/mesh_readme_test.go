package main_test

import (
	"net"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/trace/otlp/otlptest"
)

// TestMeshReadme does what the README says to do for mutual TLS, command by command;
// only the ports are others. The authority's part is checked, and its token made.
func TestMeshReadme(t *testing.T) {
	needs(t, "curl")
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Mutual TLS in a mesh\n")
	section, _, _ = strings.Cut(section, "\n## ")
	service := coretest.Refusing(t)
	section = strings.ReplaceAll(section, "127.0.0.1:9000", service)
	var ports []string
	spans := otlptest.Listen(t)
	section = strings.ReplaceAll(section, "http://127.0.0.1:4318/v1/traces", spans.URL)
	for _, addr := range []string{"127.0.0.1:15006", "127.0.0.1:15001"} {
		free := coretest.Refusing(t)
		ports = append(ports, free)
		section = strings.ReplaceAll(section, addr, free)
	}
	blocks := regexp.MustCompile("(?s)```(toml)?\n(.*?)```").FindAllStringSubmatch(section, -1)
	if len(blocks) != 6 {
		t.Fatalf("the section has blocks %q", blocks)
	}
	dir := t.TempDir()
	shell := func(commands string) string {
		return runs(t, nil, "sh", "-e", "-c", "cd '"+dir+"'\n"+strings.ReplaceAll(commands, "bin/weir", built.weir))
	}
	printed := shell(blocks[0][2])
	pin := strings.Fields(printed)[1]
	write(t, dir, "orders.toml", blocks[1][2])
	write(t, dir, "web.toml", blocks[2][2])
	commands := strings.Split(strings.TrimSpace(blocks[3][2]), "\n")
	for i, command := range commands[:2] {
		args := strings.Fields(command)[1:]
		if args[0] == "demo" {
			args = append(args, "--service", service)
		}
		setup{dir: dir}.start(t, args...)
		coretest.Eventually(t, command, func() bool {
			c, err := net.Dial("tcp", ports[i])
			if err == nil {
				_ = c.Close()
			}
			return err == nil
		})
	}
	if got := shell(commands[2]); !strings.Contains(got, "200 OK") || !strings.Contains(got, `"service": "demo"`) {
		t.Errorf("%s shows\n%s", commands[2], got)
	}
	coretest.Eventually(t, "the trace is there", func() bool {
		return otlptest.Tree(spans.Spans()) == "GET route-1\n  GET orders\n    GET route-1\n      filter members\n      GET app\n"
	})
	if got := shell(commands[3]); !strings.Contains(got, "403 Forbidden") || !strings.HasSuffix(got, "not allowed\n") {
		t.Errorf("%s shows\n%s", commands[3], got)
	}
	shell(blocks[4][2])
	lines := strings.Split(blocks[2][2], "\n")
	if !strings.HasPrefix(lines[1], "identity = ") {
		t.Fatalf("%q is not the identity of files", lines[1])
	}
	lines[1] = ""
	write(t, dir, "joins.toml", strings.Join(lines, "\n")+strings.Replace(blocks[5][2], "…", pin, 1))
	shell("bin/weir check joins.toml")
}
