package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestMinute does what the README says to do for HTTP/2 and TLS, command by command;
// only the ports are others.
func TestMinute(t *testing.T) {
	needs(t, "openssl")
	needs(t, "curl")
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n### HTTP/2 and TLS in a minute\n")
	section, _, _ = strings.Cut(section, "\n## ")
	service := coretest.Refusing(t)
	for _, addr := range []string{"127.0.0.1:8080", "127.0.0.1:8443"} {
		free := coretest.Refusing(t)
		section = strings.ReplaceAll(section, addr, free)
		section = strings.ReplaceAll(section, fmt.Sprintf("localhost:%d", port(t, addr)), fmt.Sprintf("localhost:%d", port(t, free)))
	}
	section = strings.ReplaceAll(section, "127.0.0.1:9000", service)
	blocks := regexp.MustCompile("(?s)```(toml)?\n(.*?)```").FindAllStringSubmatch(section, -1)
	if len(blocks) != 3 || blocks[1][1] != "toml" {
		t.Fatalf("the section has blocks %q", blocks)
	}
	dir := t.TempDir()
	shell := func(command string) string { return runs(t, nil, "sh", "-c", "cd '"+dir+"' && "+command) }
	shell(strings.TrimSpace(blocks[0][2]))
	write(t, dir, "tls.toml", blocks[1][2]+"\n[admin]\nlisten = \"127.0.0.1:0\"\n"+atOnce+"\n")
	commands := strings.Split(strings.TrimSpace(blocks[2][2]), "\n")
	program, args, _ := strings.Cut(commands[0], " ")
	if filepath.Base(program) != "weir" {
		t.Fatalf("%q does not run weir", commands[0])
	}
	p := setup{dir: dir}.start(t, append(strings.Fields(args), "--service", service)...)
	p.ready()
	coretest.Eventually(t, "the guide is printed", func() bool { return p.out.Has("Stop with Ctrl-C.") })
	if !p.out.Has("curl -i -k https://") {
		t.Error("the guide does not tell of TLS")
	}
	for _, command := range commands[1:] {
		want := map[bool]string{true: "HTTP/1.1 200 OK\n", false: "HTTP/2 200 \n"}[strings.HasSuffix(command, "# HTTP/1.1")]
		if got := shell(command); !strings.Contains(got, "\n"+want) && !strings.HasPrefix(got, want) || !strings.Contains(got, `"path": "/hello"`) {
			t.Errorf("%s shows\n%s\nwant %q", command, got, want)
		}
	}
}
