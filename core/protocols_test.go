package core_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestProtocols: each line of the table of protocols in docs has its line in
// PROTOCOLS.md, in order, that names the tests which show it, in each direction that
// is spoken; and these tests are there.
func TestProtocols(t *testing.T) {
	said := protocolLines(t, "../docs/protocols.md")
	shown := protocolLines(t, "PROTOCOLS.md")
	if len(said) == 0 || len(said) != len(shown) {
		t.Fatalf("protocols.md has %d lines, PROTOCOLS.md %d", len(said), len(shown))
	}
	for i, line := range said {
		if shown[i][0] != line[0] {
			t.Fatalf("line %d is %q in protocols.md, %q in PROTOCOLS.md", i+1, line[0], shown[i][0])
		}
		for column, direction := range map[int]string{1: "from clients", 2: "to endpoints"} {
			unspoken := line[column] == "none" || line[column] == "not spoken"
			tests := namedTest.FindAllStringSubmatch(shown[i][column], -1)
			switch rest := strings.TrimSpace(namedTest.ReplaceAllString(shown[i][column], "")); {
			case line[column] == "":
				t.Errorf("%s, %s: protocols.md does not say what is spoken", line[0], direction)
			case rest != "":
				t.Errorf("%s, %s: %q names no test", line[0], direction, rest)
			case unspoken == (len(tests) > 0):
				t.Errorf("%s, %s: %q, shown by %d tests", line[0], direction, line[column], len(tests))
			}
			for _, test := range tests {
				if !hasTest(t, test[1], test[2], test[3]) {
					t.Errorf("%s, %s: there is no %s", line[0], direction, test[0])
				}
			}
		}
	}
}

// namedTest is a folder, a test in it, and perhaps one of its cases.
var namedTest = regexp.MustCompile("`([a-z0-9/]+)\\.(Test\\w+)(?:/([^`]+))?`")

// protocolLines are the rows of the table of a file whose columns are the two
// directions.
func protocolLines(t *testing.T, file string) (rows [][3]string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(b), "\n| | from clients | to endpoints")
	if !ok {
		t.Fatalf("%s has no table of protocols", file)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	for _, line := range strings.Split(strings.TrimSpace(table), "\n")[2:] { // the rest of its head, and the rule
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 3 {
			t.Fatalf("%s: this is no row: %q", file, line)
		}
		var row [3]string
		for i, cell := range cells {
			row[i] = strings.TrimSpace(cell)
		}
		rows = append(rows, row)
	}
	return rows
}

// hasTest says whether a folder has a test, which names that case.
func hasTest(t *testing.T, folder, test, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range source.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == test {
				return name == "" || hasText(f, name)
			}
		}
	}
	return false
}

// hasText says whether a function has a string that is this text.
func hasText(f *ast.FuncDecl, text string) (found bool) {
	ast.Inspect(f, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, err := strconv.Unquote(lit.Value)
			found = found || err == nil && s == text
		}
		return true
	})
	return found
}
