package trial

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// TestREADMENamesEveryKey: what a file may hold is written down.
func TestREADMENamesEveryKey(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []any{
		file{}, caseTable{}, stepTable{}, requestTable{}, responseTable{}, replyTable{}, factsTable{},
		expectTable{}, wantMessage{}, wantCall{}, textTable{},
	} {
		for f := range reflect.TypeOf(table).Fields() {
			key := f.Tag.Get("toml")
			if key != "" && key != "-" && !regexp.MustCompile(`\b`+key+`\b`).Match(text) {
				t.Errorf("README.md does not name %s of %T", key, table)
			}
		}
	}
}

// TestREADMEExamples: its cases can be read.
func TestREADMEExamples(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	module := filepath.Join(t.TempDir(), "x.wasm")
	if err := os.WriteFile(module, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, block := range regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		example := strings.ReplaceAll(block[1], "                      # ", "# ")
		switch {
		case strings.Contains(example, "[[cases.replies]]"):
			example = "[[cases]]\n" + example
		case !strings.Contains(example, "[[cases]]"):
			example = "[[cases]]\n" + example
		}
		if _, err := Parse("README.md", []byte(example), module); err != nil {
			t.Errorf("%v\nin\n%s", err, example)
		}
		n++
	}
	if n == 0 {
		t.Error("there are no examples")
	}
}
