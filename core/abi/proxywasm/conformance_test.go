package proxywasm_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// behaviours is how many there are; those from httpOnes on are http-wasm's.
const (
	behaviours = 140
	httpOnes   = 127
)

// TestConformance: each behaviour has its row, in order, that names the tests
// which show it; and each test that names a behaviour stands in its row. Those of
// http-wasm are in that package.
func TestConformance(t *testing.T) {
	shown, shownHTTP := numbered(t, "."), numbered(t, "../httpwasm")
	rows := conformanceRows(t)
	for n := 1; n <= behaviours; n++ {
		id, tests, prefix := fmt.Sprintf("PW-%03d", n), shown[n], ""
		if n >= httpOnes {
			tests, prefix = shownHTTP[n], "httpwasm."
		}
		listed := strings.Fields(strings.ReplaceAll(rows[n], "`", ""))
		if len(listed) == 0 {
			t.Errorf("%s: no test shows it", id)
		}
		for _, test := range listed {
			name, number, _ := strings.Cut(test, "/")
			name, of := strings.CutPrefix(name, prefix)
			if number != id || !of || !slices.Contains(tests, name) {
				t.Errorf("%s: %q is no test with a subtest of that number", id, test)
			}
		}
		for _, name := range tests {
			if !slices.Contains(listed, prefix+name+"/"+id) {
				t.Errorf("%s: its row does not have %s%s/%s", id, prefix, name, id)
			}
		}
	}
	for n := range shown {
		if n < 1 || n >= httpOnes {
			t.Errorf("PW-%03d: a test of %v has this number, which is not Proxy-Wasm's", n, shown[n])
		}
	}
}

var conformanceRow = regexp.MustCompile(`^\| PW-(\d{3}) \| ([^|]+) \| ([^|]*) \|$`)

// conformanceRows are the tests that each row of CONFORMANCE.md names, by its
// number. There must be a row for each, in order.
func conformanceRows(t *testing.T) map[int]string {
	t.Helper()
	b, err := os.ReadFile("CONFORMANCE.md")
	if err != nil {
		t.Fatal(err)
	}
	rows, last := map[int]string{}, 0
	for line := range strings.Lines(string(b)) {
		if !strings.HasPrefix(line, "| PW-") {
			continue
		}
		cells := conformanceRow.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if cells == nil {
			t.Errorf("this is no row: %q", line)
			continue
		}
		n, _ := strconv.Atoi(cells[1])
		if n != last+1 {
			t.Errorf("row PW-%03d comes behind PW-%03d", n, last)
		}
		rows[n], last = cells[3], n
	}
	if last != behaviours {
		t.Errorf("the last row is PW-%03d, want PW-%03d", last, behaviours)
	}
	return rows
}

var behaviourNumber = regexp.MustCompile(`PW-(\d{3})`)

// numbered are the tests of a folder that have a text with a behaviour's number,
// as the names of their subtests are, by that number.
func numbered(t *testing.T, dir string) map[int][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no test sources in %s: %v", dir, err)
	}
	found := map[int][]string{}
	for _, file := range files {
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range source.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Test") {
				continue
			}
			ast.Inspect(f, func(node ast.Node) bool {
				lit, ok := node.(*ast.BasicLit)
				if !ok || lit.Kind != token.STRING {
					return true
				}
				text, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range behaviourNumber.FindAllStringSubmatch(text, -1) {
					n, _ := strconv.Atoi(m[1])
					if !slices.Contains(found[n], f.Name.Name) {
						found[n] = append(found[n], f.Name.Name)
					}
				}
				return true
			})
		}
	}
	return found
}
