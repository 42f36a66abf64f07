package differential_test

import (
	"os"
	"strings"
	"testing"
)

// knownNetworkDifferences are the cases in which Weir departs from Envoy on purpose
// with connections: each with words of its line in DIFFERENCES.md.
var knownNetworkDifferences = map[string]string{
	"tcp-continue-upstream":          "`continue_stream` of the upstream answers UNIMPLEMENTED",
	"tcp-pause-upstream-until-tick":  "`continue_stream` of the upstream answers UNIMPLEMENTED",
	"tcp-pause-upstream-at-the-end":  "the end of the upstream's data that a filter holds",
	"tcp-pause-of-the-second-of-two": "bytes that a filter holds are shown to those before it again",
	"tcp-trap-fail-open":             "FAIL_OPEN closes connections after a trap too",
}

// TestKnownNetworkDifferences needs no Envoy: the list names cases and lines that
// there are.
func TestKnownNetworkDifferences(t *testing.T) {
	document, err := os.ReadFile("../DIFFERENCES.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, c := range networkCases() {
		if names[c.name] {
			t.Errorf("two cases are called %q", c.name)
		}
		names[c.name] = true
	}
	for name, words := range knownNetworkDifferences {
		if !names[name] {
			t.Errorf("knownNetworkDifferences has %q, which is no case", name)
		}
		if !strings.Contains(string(document), words) {
			t.Errorf("knownNetworkDifferences has %q for %q, which no line of DIFFERENCES.md says", words, name)
		}
	}
}
