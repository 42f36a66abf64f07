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

// TestGreeting tries the filter in Weir: what it does beside Envoy is a matter of the
// host, see core/abi/proxywasm/differential.
func TestGreeting(t *testing.T) {
	module, err := filepath.Abs("build/go/greeting.wasm")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(module); err != nil {
		missing(t, module, "make examples")
	}
	up := coretest.Script(t, func(c *coretest.Peer) { _, _ = io.Copy(c.Conn, c.Conn) })
	text, err := os.ReadFile("go/greeting/proxy.toml")
	if err != nil {
		t.Fatal(err)
	}
	toml := strings.NewReplacer(
		`"127.0.0.1:8080"`, `"127.0.0.1:0"`, `"127.0.0.1:8081"`, `"127.0.0.1:0"`, `"127.0.0.1:9000"`, fmt.Sprintf("%q", up.Addr),
		`"../../build/go/greeting.wasm"`, fmt.Sprintf("%q", module),
	).Replace(string(text)) + "\n[admin]\nlisten = \"127.0.0.1:0\"\n[timeouts]\ndrain_delay = \"0s\"\ndrain = \"2s\"\n"
	p := coretest.Proxy(t, toml)
	for _, c := range []struct {
		send, want string
		piece      int
	}{
		{"open sesame\nping", "ping", 100},
		{"open sesame\npong", "pong", 1},
		{"open says me\nping", "", 100},
		{"close sesame\n", "", 1},
	} {
		k := coretest.Dial(t, p.Addr("all"))
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
	}
}
