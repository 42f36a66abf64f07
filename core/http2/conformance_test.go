package http2_test

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestConformance runs h2spec, which ".ci/deps.sh h2spec" builds, against a
// server that answers with what it is sent.
func TestConformance(t *testing.T) {
	tool, err := filepath.Abs("../../.deps/bin/h2spec")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(tool); err != nil {
		if os.Getenv("CI_REQUIRED") != "" {
			t.Fatal("no h2spec here: .ci/deps.sh h2spec")
		}
		t.Skip("no h2spec here: .ci/deps.sh h2spec")
	}
	host, port, _ := net.SplitHostPort(serve(t, options(), echo).addr)
	out, err := exec.Command(tool, "--strict", "--timeout", "10", "-h", host, "-p", port).CombinedOutput()
	text := string(out)
	if err != nil || !strings.Contains(text, "146 tests, 146 passed") {
		if i := strings.Index(text, "Failures:"); i >= 0 {
			text = text[i:]
		}
		t.Errorf("%v\n%s", err, text)
	}
}
