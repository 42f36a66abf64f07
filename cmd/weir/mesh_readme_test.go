package main_test

import (
	"net"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/trace/otlp/otlptest"
)

// TestMeshReadme does what the README says to do for mutual TLS, command by command;
// only the ports are others. The authority's part is checked, and its token made.
func TestMeshReadme(t *testing.T) {
	needs(t, "curl")
	service := coretest.Refusing(t)
	ports := []string{coretest.Refusing(t), coretest.Refusing(t)}
	spans := otlptest.Listen(t)
	blocks := section(t, "README.md", "Two services with mutual TLS", "127.0.0.1:9000", service, "http://127.0.0.1:4318/v1/traces", spans.URL,
		"127.0.0.1:15006", ports[0], "127.0.0.1:15001", ports[1])
	dir := t.TempDir()
	printed := shell(t, dir, blocks[0])
	pin := strings.Fields(printed)[1]
	write(t, dir, "orders.toml", blocks[1])
	write(t, dir, "web.toml", blocks[2])
	commands := commandsOf(blocks[3])
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
	if got := shell(t, dir, commands[2]); !strings.Contains(got, "200 OK") || !strings.Contains(got, `"service": "demo"`) {
		t.Errorf("%s shows\n%s", commands[2], got)
	}
	coretest.Eventually(t, "the trace is there", func() bool {
		return otlptest.Tree(spans.Spans()) == "GET route-1\n  GET orders\n    GET route-1\n      filter members\n      GET app\n"
	})
	if got := shell(t, dir, commands[3]); !strings.Contains(got, "403 Forbidden") || !strings.HasSuffix(got, "not allowed\n") {
		t.Errorf("%s shows\n%s", commands[3], got)
	}
	joins := section(t, "docs/mesh.md", "Identities from an authority")
	shell(t, dir, joins[0])
	web := strings.Split(blocks[2], "\n")
	if !strings.HasPrefix(web[1], "identity = ") {
		t.Fatalf("%q is not the identity of files", web[1])
	}
	web[1] = ""
	write(t, dir, "joins.toml", strings.Join(web, "\n")+strings.Replace(joins[1], "…", pin, 1))
	shell(t, dir, "bin/weir check joins.toml")
}
