package httpwasm_test

import (
	"os"
	"strings"
	"testing"
)

// TestReadmeListsTheFunctions: the table is what authors read.
func TestReadmeListsTheFunctions(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(readme)) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 {
			continue
		}
		name, quoted := strings.CutPrefix(strings.TrimSpace(cells[1]), "`")
		sig, known := signatures[strings.TrimSuffix(name, "`")]
		if !quoted || !known {
			continue
		}
		rows++
		if want := written(sig); strings.TrimSpace(cells[2]) != want {
			t.Errorf("%s is %s in the README, want %s", name, cells[2], want)
		}
	}
	if rows != len(signatures) {
		t.Errorf("%d functions of %d have a row", rows, len(signatures))
	}
}

// written is a signature as the README has it.
func written(sig string) string {
	params, results, _ := strings.Cut(sig, ":")
	types := strings.NewReplacer("i", "i32,", "I", "i64,")
	s := "(" + strings.TrimSuffix(types.Replace(params), ",") + ")"
	if results != "" {
		s += " -> " + strings.TrimSuffix(types.Replace(results), ",")
	}
	return s
}
