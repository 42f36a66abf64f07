package filtertest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"
)

// Bad is a configuration that the filter must refuse.
type Bad struct {
	Name   string
	Config string // JSON, or whatever the file holds
	Want   string // part of the reason
}

// LoadBad reads the files of a folder: a first line "# want: ..." with part
// of the message, then the table.
func LoadBad(folder string) ([]Bad, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.toml"))
	if err != nil {
		return nil, err
	}
	var all []Bad
	for _, p := range paths {
		text, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		first, _, _ := strings.Cut(string(text), "\n")
		want, ok := strings.CutPrefix(first, "# want: ")
		if !ok {
			return nil, fmt.Errorf("reading %q: the first line must be \"# want: ...\"", p)
		}
		table := map[string]any{}
		if err := toml.Unmarshal(text, &table); err != nil {
			return nil, fmt.Errorf("reading %q: %w", p, err)
		}
		config, err := JSON(table)
		if err != nil {
			return nil, err
		}
		all = append(all, Bad{filepath.Base(p), config, strings.TrimSpace(want)})
	}
	if len(all) == 0 {
		return nil, errors.New("reading bad configurations: there are none in " + folder)
	}
	return all, nil
}
