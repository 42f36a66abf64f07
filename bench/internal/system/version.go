package system

import (
	"context"
	"os/exec"
	"regexp"
	"time"
)

// versioned are the programs that others make, and how each is asked what it is.
var versioned = map[string]string{nginx: "-v", haproxy: "-v", envoy: "--version"}

// number of a version, as in "nginx version: nginx/1.22.1".
var versionNumber = regexp.MustCompile(`\d+(\.\d+)+`)

// Version is the name and version of a system's program, "" if it is not one of
// others or does not tell. What it needs was found before.
func (s *Setup) Version(ctx context.Context, sys System) (program, version string) {
	flag, ok := versioned[sys.binary]
	if !ok {
		return "", ""
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, s.tools[sys.binary], flag).CombinedOutput()
	if err != nil {
		return "", ""
	}
	return sys.binary, versionNumber.FindString(string(out))
}
