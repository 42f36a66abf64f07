package hostile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// subject is a hostile filter.
type subject struct {
	name    string // of the test and of its golden file
	module  string // the path of its binary
	outcome outcome
	keys    []string // of its table in the configuration
	lines   int      // that it logs, of different texts
}

// outcome is what becomes of it.
type outcome string

const (
	refused outcome = "refused" // at load
	ended   outcome = "ended"   // its instance: in a callback, or in place of one
	served  outcome = "served"  // it gets nowhere: requests go through it
)

// assembled are the subjects of testdata. Each text says of itself what must
// happen and what it is configured with:
//
//	;; Outcome: served.
//	;; Lines: 1.
//	;; Filter: calls = ["up"]
func assembled(t *testing.T) (all []*subject) {
	t.Helper()
	texts, err := filepath.Glob("testdata/*.wat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range texts {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".wat")
		if name == "good" || name == "everywhere" {
			continue
		}
		s := &subject{name: name, module: binary(t, name)}
		for _, m := range statement.FindAllStringSubmatch(string(text), -1) {
			switch m[1] {
			case "Lines":
				if _, err := fmt.Sscan(m[2], &s.lines); err != nil {
					t.Fatalf("%s: lines: %v", path, err)
				}
			case "Outcome":
				s.outcome = outcome(strings.TrimSuffix(m[2], "."))
			case "Filter":
				s.keys = append(s.keys, m[2])
			}
		}
		switch s.outcome {
		case refused, ended, served:
		default:
			t.Fatalf("%s: its outcome %q is none of refused, ended, served", path, s.outcome)
		}
		all = append(all, s)
	}
	return all
}

var statement = regexp.MustCompile(`(?m)^;; (Outcome|Lines|Filter): (.*)$`)

func absolute(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		panic(err)
	}
	return abs
}
