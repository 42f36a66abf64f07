package differential_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"
)

// TestNetworkDifferential is TestDifferential for filters of TCP connections.
func TestNetworkDifferential(t *testing.T) {
	if os.Getenv(switchedOn) == "" {
		t.Skip("left out: it needs Envoy. Run \"make deps\" once, then \"make differential\"")
	}
	binary, err := filepath.Abs("../../../../.deps/bin/envoy")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	module := filepath.Join(dir, "guest.wasm")
	if err := os.WriteFile(module, guest.Binary(), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := networkCases()
	ours, theirs := newSide(t), newSide(t)
	ours.papers = newPapers(t)
	ups := map[*side]*upstreams{ours: serveConnections(t), theirs: serveConnections(t)}
	reference := startEnvoy(t, binary, dir, theirs, envoyNetworkConfig(t, cases, module, theirs, ups[theirs].addr))
	theirs.proxy = reference
	under := startWeir(t, ours, weirNetworkConfig(cases, module, ours, ups[ours].addr))
	ours.proxy = under

	equal, known := 0, 0
	for i := range cases {
		c := &cases[i]
		reference.check(t)
		t.Run(c.name, func(t *testing.T) {
			var envoy, weir []string
			var both sync.WaitGroup
			both.Go(func() {
				envoy = c.do(theirs, ups[theirs], reference.addrs[c.name], func() { reference.settle(nil) })
			})
			both.Go(func() {
				weir = c.do(ours, ups[ours], under.Addr(c.name), func() { under.settle(&differentialCase{name: c.name}) })
			})
			both.Wait()
			if os.Getenv(switchedOn) == "show" {
				t.Logf("Envoy:\n  %s", strings.Join(envoy, "\n  "))
			}
			difference := compare(envoy, weir)
			switch reason, isKnown := knownNetworkDifferences[c.name]; {
			case difference == "" && isKnown:
				t.Errorf("it is listed as a known difference (%s), but there is none any more: take it out of knownNetworkDifferences", reason)
			case difference == "":
				equal++
			case isKnown:
				known++
			default:
				t.Errorf("Envoy (-) and Weir (+) differ:\n%s", difference)
			}
		})
	}
	fmt.Printf("differential, connections: %d cases, %d equal, %d known differences\n", len(cases), equal, known)
}

// envoyNetworkConfig is envoyConfig with a listener of each case, in front of
// tcp_proxy, beside the barrier.
func envoyNetworkConfig(t *testing.T, cases []networkCase, module string, s *side, upstream string) []byte {
	t.Helper()
	b, err := envoyConfig([]differentialCase{one(barrier, guest.On("request_headers",
		guest.Say("passed"), guest.Quiet("send_local_response", 204, "", "", "", 0)))}, module, s, upstream)
	if err != nil {
		t.Fatal(err)
	}
	var config object
	if err := json.Unmarshal(b, &config); err != nil {
		t.Fatal(err)
	}
	static := config["static_resources"].(object)
	static["clusters"] = append(static["clusters"].(list), envoyCluster("upstream", upstream))
	for i := range cases {
		c := &cases[i]
		var filters list
		for n, p := range c.programs {
			plugin := object{
				"name": networkName(c, n), "root_id": networkName(c, n), "configuration": text(p.String()),
				"vm_config": object{"vm_id": c.name, "runtime": "envoy.wasm.runtime.v8", "code": object{"local": object{"filename": module}}},
			}
			if c.open {
				plugin["failure_policy"] = "FAIL_OPEN"
			}
			filters = append(filters, extension(networkName(c, n), "extensions.filters.network.wasm.v3.Wasm", object{"config": plugin}))
		}
		filters = append(filters, extension("envoy.filters.network.tcp_proxy", "extensions.filters.network.tcp_proxy.v3.TcpProxy",
			object{"stat_prefix": "tcp", "cluster": "upstream"}))
		static["listeners"] = append(static["listeners"].(list), object{
			"name": c.name, "address": socket("127.0.0.1:0"), "filter_chains": list{object{"filters": filters}},
		})
	}
	if b, err = json.Marshal(config); err != nil {
		t.Fatal(err)
	}
	return b
}

// weirNetworkConfig is what envoyNetworkConfig is for Envoy.
func weirNetworkConfig(cases []networkCase, module string, s *side, upstream string) string {
	var b strings.Builder
	b.WriteString(strings.Replace(weirConfig(nil, module, s, upstream), "[timeouts]\n", "[timeouts]\npause = \"2s\"\n", 1))
	fmt.Fprintf(&b, "[clusters.upstream]\nendpoints = [%q]\n", upstream)
	for i := range cases {
		c := &cases[i]
		var names []string
		for n, p := range c.programs {
			name := networkName(c, n)
			names = append(names, quote(name))
			fmt.Fprintf(&b, "[filters.%s]\nmodule = %s\nroot_id = %s\nvm = %s\nconfig = %s\ncalls = [\"callee\"]\n",
				name, quote(module), quote(name), quote(c.name), quote(p.String()))
			if c.open {
				b.WriteString("on_error = \"open\"\n")
			}
		}
		fmt.Fprintf(&b, "[[tcp]]\nname = %s\nlisten = [\"127.0.0.1:0\"]\nfilters = [%s]\ncluster = \"upstream\"\n", quote(c.name), strings.Join(names, ", "))
	}
	return b.String()
}

func networkName(c *networkCase, place int) string { return fmt.Sprintf("f%d-%s", place+1, c.name) }
