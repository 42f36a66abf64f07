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

// httpTests is the package that shows those of http-wasm, and its folder.
const (
	httpTests  = "core/abi/httpwasm"
	httpFolder = "../httpwasm"
)

// TestConformance: each behaviour has its row, in order, that names the tests
// which show it; and each test that names a behaviour stands in its row.
func TestConformance(t *testing.T) {
	shown := numbered(t, ".")
	rows := conformanceRows(t)
	for n := 1; n < httpOnes; n++ {
		id := fmt.Sprintf("PW-%03d", n)
		listed := strings.Fields(strings.ReplaceAll(rows[n], "`", ""))
		if len(listed) == 0 {
			t.Errorf("%s: no test shows it", id)
		}
		for _, test := range listed {
			if name, number, _ := strings.Cut(test, "/"); number != id || !slices.Contains(shown[n], name) {
				t.Errorf("%s: %q is no test with a subtest of that number", id, test)
			}
		}
		for _, name := range shown[n] {
			if !slices.Contains(listed, name+"/"+id) {
				t.Errorf("%s: its row does not have %s/%s", id, name, id)
			}
		}
	}
	for n := range shown {
		if n < 1 || n >= httpOnes {
			t.Errorf("PW-%03d: a test of %v has this number, which is not Proxy-Wasm's", n, shown[n])
		}
	}
}

// TestHTTPConformance: the behaviours of http-wasm are shown where it is.
func TestHTTPConformance(t *testing.T) {
	rows := conformanceRows(t)
	for n := httpOnes; n <= behaviours; n++ {
		if rows[n] != httpTests {
			t.Errorf("PW-%03d: is shown by %q, want %q", n, rows[n], httpTests)
		}
	}
	if _, err := os.Stat(httpFolder); err != nil {
		t.Skipf("%s is not in this tree", httpTests)
	}
	shown := numbered(t, httpFolder)
	for n := httpOnes; n <= behaviours; n++ {
		if len(shown[n]) == 0 {
			t.Errorf("PW-%03d: no subtest in %s has this number", n, httpTests)
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
