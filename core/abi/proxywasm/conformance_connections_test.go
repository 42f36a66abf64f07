package proxywasm_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	connectionRow  = regexp.MustCompile(`(?m)^\| L4-(\d{2}) \| [^|]+ \| ([^|]+) \|$`)
	connectionTest = regexp.MustCompile(`(?m)^func (TestFilter\w*)\(`)
	connectionCase = regexp.MustCompile(`\b(?:network|everywhere)\("(tcp-[a-z0-9-]+[a-z0-9])"`)
)

// TestConformanceOfConnections: the rows of connections are in order and name tests that
// there are; and each test of a filter of connections stands in a row, but for cases
// whose names are put together.
func TestConformanceOfConnections(t *testing.T) {
	b, err := os.ReadFile("CONFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := append(matching(t, "tcp.", "../../tcp", connectionTest), matching(t, "differential.", "differential", connectionCase)...)
	var listed []string
	rows := connectionRow.FindAllStringSubmatch(string(b), -1)
	for n, row := range rows {
		if want := fmt.Sprintf("%02d", n+1); row[1] != want {
			t.Errorf("row L4-%s stands where L4-%s does", row[1], want)
		}
		for _, test := range strings.Fields(strings.ReplaceAll(row[2], "`", "")) {
			if listed = append(listed, test); !slices.Contains(shown, test) {
				t.Errorf("L4-%s: there is no test %q", row[1], test)
			}
		}
	}
	if all := strings.Count(string(b), "\n| L4-"); len(rows) == 0 || all != len(rows) {
		t.Errorf("%d of %d rows are well-formed", len(rows), all)
	}
	for _, test := range shown {
		if !slices.Contains(listed, test) {
			t.Errorf("no row has %q", test)
		}
	}
}

// matching are the first groups of what matches in the tests of a folder, behind prefix.
func matching(t *testing.T, prefix, dir string, what *regexp.Regexp) (all []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no test sources in %s: %v", dir, err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range what.FindAllStringSubmatch(string(source), -1) {
			all = append(all, prefix+m[1])
		}
	}
	return all
}
