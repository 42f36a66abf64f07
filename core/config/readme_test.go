package config_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
)

var (
	tomlBlocks = regexp.MustCompile("(?s)\n```toml\n(.*?)```")
	// What a piece of a file may lack: what stands in the rest of it, and on a machine.
	ofTheRest = regexp.MustCompile(`there is no \[|missing|but there are no keys|no such file|is not set`)
	// Blocks that are other files, or of a table that is not shown.
	others = regexp.MustCompile(`\A(# test\.toml|endpoints = |filters = )`)
)

// TestPagesAreRight reads each piece of a configuration that a page shows: its keys
// and values must be such as there are.
func TestPagesAreRight(t *testing.T) {
	read := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := d.Name(); d.IsDir() {
			if name == ".deps" || name == ".git" || name == "node_modules" || name == "target" || name == "testdata" || name == "trial" {
				return fs.SkipDir
			}
			return nil
		} else if filepath.Ext(name) != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range tomlBlocks.FindAllStringSubmatchIndex(string(text), -1) {
			block := strings.ReplaceAll(string(text[m[2]:m[3]]), "\"…\"", "\""+strings.Repeat("0", 64)+"\"")
			if others.MatchString(block) {
				continue
			}
			read++
			line := strings.Count(string(text[:m[2]]), "\n")
			_, err := config.Parse(path, []byte(block), config.Overrides{Role: config.RoleGatewaySidecar, LookupEnv: environment})
			problems, _ := err.(config.Problems)
			for _, p := range problems {
				if !ofTheRest.MatchString(p.Message) {
					p.Line += line
					t.Errorf("%v", p)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 40 {
		t.Errorf("%d pieces were read", read)
	}
}
