// Package file reads and writes files as commands do: within bounds, and whole
// or not at all.
package file

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// How much of a file is read, in bytes.
const (
	Small  = 1 << 20   // a key or a signature
	Module = 256 << 20 // no module of that size is admitted
)

// Read is a file's content, of most bytes.
func Read(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = fmt.Errorf("%q has more than %d bytes", path, most)
	}
	return b, err
}

// Replace writes a file in one step, with the mode of the one that was there.
// Whoever reads it meets the old content or the new.
func Replace(path string, content []byte) (err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // a link stays one
	}
	mode := os.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(content)
	if err == nil {
		err = f.Chmod(mode)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return err
}
