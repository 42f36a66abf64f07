// Package examples_test runs every built example in a real Weir and, with the
// same assertions, in a real Envoy.
//
// "make examples" builds them, "make examples-test" runs these tests so that
// nothing may be missing.
//
// Start at TestExamples.
package examples_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// required says that what is not there is a failure.
var required = os.Getenv("WEIR_EXAMPLES") == "required"

// topic is what the examples of a name do, in whatever language.
type topic struct {
	rpc     bool // the service that it asks is one of gRPC
	behaves func(t *testing.T, w *world)
	refuses []refusal
}

// refusal is a configuration that is not taken, and what the filter says of it.
type refusal struct{ config, says string }

// topics are the proxy-wasm examples. What has another ABI is tried where its host
// is, in core/abi.
var topics = map[string]topic{
	"headers":      headers,
	"auth-callout": authCallout,
	"grpc-callout": grpcCallout,
	"body":         body,
	"counter":      counter,
}

var otherABI = map[string]bool{"httpwasm": true}

// world is an example in a proxy, between a client and two services.
type world struct {
	*proxy
	app, auth *service
}

func TestExamples(t *testing.T) {
	for _, readme := range examples(t) {
		folder := filepath.Dir(readme)
		name := filepath.Base(folder)
		topic, ok := topics[name]
		if otherABI[name] || ofConnections[name] {
			continue
		}
		t.Run(folder, func(t *testing.T) {
			if !ok {
				t.Fatalf("no test knows the topic %q: add it to topics", name)
			}
			t.Parallel()
			module := filepath.Join("build", folder+".wasm")
			if _, err := os.Stat(module); err != nil {
				missing(t, module, "make examples")
			}
			t.Run("weir", func(t *testing.T) { try(t, topic, weir, folder) })
			// The reasons are the filter's own. One start that fails, which takes Envoy
			// seconds, shows that it hears of them.
			topic.refuses = topic.refuses[:1]
			t.Run("envoy", func(t *testing.T) { try(t, topic, envoy, folder) })
		})
	}
}

// examples are the README.md of all.
func examples(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("*/*/README.md")
	if err != nil || len(found) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	return found
}

// missing ends a test that cannot be run.
func missing(t *testing.T, what, remedy string) {
	t.Helper()
	if required {
		t.Fatalf("no %s; run %q", what, remedy)
	}
	t.Skipf("no %s; run %q to have this tested", what, remedy)
}

func try(t *testing.T, topic topic, start starter, folder string) {
	asked := coretest.Serve
	if topic.rpc {
		asked = coretest.ServeHTTP2
	}
	w := &world{app: serve(t, coretest.Serve), auth: serve(t, asked)}
	toml := configuration(t, folder, w.app.Addr, w.auth.Addr)
	p, err := start(t, toml)
	if err != nil {
		t.Fatal(err)
	}
	w.proxy = p
	topic.behaves(t, w)
	p.stop(t)
	for _, r := range topic.refuses {
		t.Run("refuses "+r.config, func(t *testing.T) { refuse(t, start, withConfig(t, toml, r.config), r.says) })
	}
}

// refuse starts a proxy that cannot: its filter does not take the configuration, and
// says why; " … " parts what each proxy tells in an order of its own.
func refuse(t *testing.T, start starter, toml, says string) {
	_, err := start(t, toml)
	if err == nil {
		t.Fatal("the configuration was taken")
	}
	for part := range strings.SplitSeq(says, " … ") {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("refused without %q:\n%v", part, err)
		}
	}
}

// configuration is the example's own, with this test's addresses in it.
func configuration(t *testing.T, folder, app, auth string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(folder, "proxy.toml"))
	if err != nil {
		t.Fatal(err)
	}
	modules, err := filepath.Abs("build")
	if err != nil {
		t.Fatal(err)
	}
	toml := string(b)
	change := func(from, to string, n int) {
		if !strings.Contains(toml, from) {
			t.Fatalf("%s/proxy.toml has no %q", folder, from)
		}
		toml = strings.Replace(toml, from, to, n)
	}
	change("127.0.0.1:8080", "127.0.0.1:0", 1)
	change("../../build", modules, -1)
	change("127.0.0.1:9000", app, 1)
	if strings.Contains(toml, "[clusters.auth]") {
		change("127.0.0.1:9000", auth, 1)
		change("timeout=1000", "timeout=4000", 1) // a service that answers must be in time, however slow the machine
	}
	return toml + "\n[admin]\nlisten = \"127.0.0.1:0\"\n[timeouts]\ndrain_delay = \"0s\"\n" +
		coretest.Wasm(`memory = "16MiB"`) // less than what passes by
}

// withConfig is a file whose filter "example" has another configuration. That is
// its first key of that name.
func withConfig(t *testing.T, toml, config string) string {
	t.Helper()
	before, after, ok := strings.Cut(toml, "config = ")
	if !ok {
		t.Fatal("the example has no configuration")
	}
	mark := `"`
	if strings.HasPrefix(after, `"""`) {
		mark = `"""`
	}
	_, after, ok = strings.Cut(after[len(mark):], mark)
	if !ok {
		t.Fatal("the example's configuration has no end")
	}
	return before + "config = '''" + config + "'''" + after
}
