package differential_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"
)

// switchedOn is the environment variable by which these tests run.
const switchedOn = "WEIR_DIFFERENTIAL"

// TestDifferential runs every case in both proxies.
func TestDifferential(t *testing.T) {
	if os.Getenv(switchedOn) == "" {
		t.Skip("left out: it needs Envoy. Run \"make deps\" once, then \"make differential\"")
	}
	binary, err := filepath.Abs("../../../../.deps/bin/envoy")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("no Envoy to compare with: %v; run \"make deps\"", err)
	}
	cases := allCases()
	ours, theirs := newSide(t), newSide(t)
	theirs.papers = newPapers(t)
	ours.papers = theirs.papers
	dir := t.TempDir()
	module := filepath.Join(dir, "guest.wasm")
	if err := os.WriteFile(module, guest.Binary(), 0o600); err != nil {
		t.Fatal(err)
	}
	dead := refusing(t)
	all := append(slices.Clone(cases), one(barrier, guest.On("request_headers",
		guest.Say("passed"), guest.Quiet("send_local_response", 204, "", "", "", 0))))
	config, err := envoyConfig(all, module, theirs, dead)
	if err != nil {
		t.Fatal(err)
	}
	reference := startEnvoy(t, binary, dir, theirs, config)
	theirs.proxy = reference
	ours.proxy = startWeir(t, ours, weirConfig(cases, module, ours, dead))

	equal, known := 0, 0
	for i := range cases {
		c := &cases[i]
		reference.check(t)
		t.Run(c.name, func(t *testing.T) {
			var envoy, weir []string
			var both sync.WaitGroup
			both.Go(func() { envoy = theirs.do(c) })
			both.Go(func() { weir = ours.do(c) })
			both.Wait()
			if testing.Verbose() && os.Getenv(switchedOn) == "show" {
				t.Logf("Envoy:\n  %s", strings.Join(envoy, "\n  "))
			}
			difference := compare(envoy, weir)
			switch reason, isKnown := knownDifferences[c.name]; {
			case difference == "" && isKnown:
				t.Errorf("it is listed as a known difference (%s), but there is none any more: take it out of knownDifferences", reason)
			case difference == "":
				equal++
			case isKnown:
				known++
			default:
				t.Errorf("Envoy (-) and Weir (+) differ:\n%s", difference)
			}
		})
	}
	fmt.Printf("differential: %d cases, %d equal, %d known differences\n", len(cases), equal, known)
}

// newSide is a side with its upstreams.
func newSide(t *testing.T) *side {
	s := &side{journal: newJournal()}
	s.origins = serve(t, func(o *origin) {
		if o.run.origin == nil {
			hello(o)
			return
		}
		o.run.origin(o)
	})
	s.callees = serve(t, callee)
	s.services = serveRPC(t)
	return s
}
