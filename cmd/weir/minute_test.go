package main_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestMinute does what docs/tls.md says to do for HTTP/2 and TLS, command by command;
// only the ports are others.
func TestMinute(t *testing.T) {
	needs(t, "openssl")
	needs(t, "curl")
	clear, secure, service := coretest.Refusing(t), coretest.Refusing(t), coretest.Refusing(t)
	blocks := section(t, "docs/tls.md", "HTTP/2 and TLS in a minute", "127.0.0.1:8080", clear, "127.0.0.1:8443", secure,
		"localhost:8443", fmt.Sprintf("localhost:%d", port(t, secure)), "127.0.0.1:9000", service)
	if len(blocks) != 3 {
		t.Fatalf("the chapter has the blocks %q", blocks)
	}
	dir := t.TempDir()
	shell(t, dir, blocks[0])
	write(t, dir, "tls.toml", blocks[1]+"\n[admin]\nlisten = \"127.0.0.1:0\"\n"+atOnce+"\n")
	commands := commandsOf(blocks[2])
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
		if got := shell(t, dir, command); !strings.Contains(got, "\n"+want) && !strings.HasPrefix(got, want) || !strings.Contains(got, `"path": "/hello"`) {
			t.Errorf("%s shows\n%s\nwant %q", command, got, want)
		}
	}
}
