package examples_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// ofConnections are the examples of filters of TCP connections.
var ofConnections = map[string]bool{"greeting": true}

// TestGreeting runs each example of a filter of connections in Weir and in Envoy.
func TestGreeting(t *testing.T) {
	for _, readme := range examples(t) {
		folder := filepath.Dir(readme)
		if !ofConnections[filepath.Base(folder)] {
			continue
		}
		for name, start := range map[string]starter{"weir": weir, "envoy": envoy} {
			t.Run(folder+"/"+name, func(t *testing.T) {
				t.Parallel()
				greets(t, folder, start)
			})
		}
	}
}

func greets(t *testing.T, folder string, start starter) {
	module, err := filepath.Abs(filepath.Join("build", folder+".wasm"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(module); err != nil {
		missing(t, module, "make examples")
	}
	up := coretest.Script(t, func(c *coretest.Peer) { _, _ = io.Copy(c.Conn, c.Conn) })
	text, err := os.ReadFile(filepath.Join(folder, "proxy.toml"))
	if err != nil {
		t.Fatal(err)
	}
	toml := strings.NewReplacer(
		`"127.0.0.1:8080"`, `"127.0.0.1:0"`, `"127.0.0.1:8081"`, `"127.0.0.1:0"`, `"127.0.0.1:9000"`, fmt.Sprintf("%q", up.Addr),
		fmt.Sprintf("%q", "../../build/"+folder+".wasm"), fmt.Sprintf("%q", module),
	).Replace(string(text)) + "\n[admin]\nlisten = \"127.0.0.1:0\"\n[timeouts]\ndrain_delay = \"0s\"\ndrain = \"2s\"\n"
	const line = "open sesame"
	if _, err := start(t, strings.Replace(toml, fmt.Sprintf("config = %q", line), `config = " "`, 1)); err == nil || !strings.Contains(err.Error(), "give the one line") {
		t.Errorf("a configuration without a line: %v", err)
	}
	p, err := start(t, toml)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		send, want string
		piece      int
	}{
		{line + "\nping", "ping", 100},
		{line + "\npong", "pong", 1},
		{"open says me\nping", "", 100},
		{"close sesame\n", "", 1},
	} {
		k := coretest.Dial(t, p.addr)
		for rest := c.send; len(rest) > 0; {
			n := min(c.piece, len(rest))
			if _, err := k.Write([]byte(rest[:n])); err != nil {
				break // it was closed already
			}
			rest = rest[n:]
		}
		got := make([]byte, len(c.want))
		if _, err := io.ReadFull(k.R, got); err != nil || string(got) != c.want {
			t.Errorf("%q: %q (%v), want %q", c.send, got, err, c.want)
		}
		if c.want == "" && !k.Closed() {
			t.Errorf("%q was answered", c.send)
		}
		_ = k.Conn.Close()
	}
	p.stop(t)
}
