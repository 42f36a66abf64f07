package trial

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// FindModule is the only .wasm file of a folder, or of its build folder.
func FindModule(dir string) (string, error) {
	for _, d := range []string{dir, filepath.Join(dir, "build")} {
		found, err := filesOf(d, ".wasm")
		switch {
		case err != nil:
			return "", err
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return "", fmt.Errorf("%q has several .wasm files (%s)", d, strings.Join(names(found), ", "))
		}
	}
	return "", fmt.Errorf("there is no .wasm file in %q or its folder build; build the filter", dir)
}

// FindCases are the files of cases of a folder: those whose names end in
// test.toml.
func FindCases(dir string) ([]string, error) {
	found, err := filesOf(dir, "test.toml")
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("there is no file *test.toml in %q; write the cases into one, say test.toml", dir)
	}
	return found, err
}

// Target is what one argument of the command line asks for: files of cases,
// and the module that they are about where that is the argument.
type Target struct {
	Files  []string
	Module string
}

// Resolve finds what an argument asks for: a folder, a file of cases, a module.
func Resolve(arg string) (Target, error) {
	info, err := os.Stat(arg)
	switch {
	case err != nil:
		return Target{}, fmt.Errorf("%q: %w", arg, unwrapped(err))
	case info.IsDir():
		files, err := FindCases(arg)
		return Target{Files: files}, err
	case strings.HasSuffix(arg, ".toml"):
		return Target{Files: []string{arg}}, nil
	case strings.HasSuffix(arg, ".wasm"):
		dir := filepath.Dir(arg)
		files, err := FindCases(dir)
		if err != nil {
			if above, err := FindCases(filepath.Join(dir, "..")); err == nil {
				return Target{above, arg}, nil
			}
		}
		return Target{files, arg}, err
	}
	return Target{}, fmt.Errorf("%q is neither a folder, nor a .toml file of cases, nor a .wasm module", arg)
}

func unwrapped(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}

// filesOf are the files of a folder with an ending, in order; none where the
// folder is not there.
func filesOf(dir, ending string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("reading folder %q: %w", dir, unwrapped(err))
	}
	var found []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ending) && !strings.HasPrefix(e.Name(), ".") && !e.IsDir() {
			found = append(found, filepath.Join(dir, e.Name()))
		}
	}
	slices.Sort(found)
	return found, nil
}

func names(paths []string) []string {
	var list []string
	for _, p := range paths {
		list = append(list, filepath.Base(p))
	}
	return list
}
