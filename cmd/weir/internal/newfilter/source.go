package newfilter

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// sourceFolder is a folder with Weir's source, as an absolute path.
func sourceFolder(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("finding Weir's source: %w", err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("finding Weir's source: %w", err)
	}
	if !bytes.HasPrefix(text, []byte("module github.com/weirproxy/weir\n")) {
		return "", fmt.Errorf("finding Weir's source: %q holds another module", dir)
	}
	return dir, nil
}

// sourceAround is the folder with Weir's source that the program or the working
// directory is in.
func sourceAround() (string, bool) {
	var from []string
	if program, err := os.Executable(); err == nil {
		from = append(from, filepath.Dir(program))
	}
	if dir, err := os.Getwd(); err == nil {
		from = append(from, dir)
	}
	for _, dir := range from {
		for up := dir; ; up = filepath.Dir(up) {
			if folder, err := sourceFolder(up); err == nil {
				return folder, true
			}
			if up == filepath.Dir(up) {
				break
			}
		}
	}
	return "", false
}
