// Package private makes folders that nobody but this process's user can write:
// what is read from them is run, or decides what is.
package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// mode is what a folder must allow: everything to us, nothing to others.
const mode = 0o700

// Folder makes dir if need be, and answers its path without links. It fails
// unless the folder is ours alone, all it holds is too, and nobody else can put
// another in its place. why is what it is for, as in "compiled code is kept
// there and run".
func Folder(dir, why string) (string, error) {
	dir, err := Top(dir, why)
	if err != nil {
		return "", err
	}
	return dir, checkWithin(dir, why)
}

// Top is Folder for a folder of which only parts are used, each of which Folder
// looks at: what else it holds is not looked at.
func Top(dir, why string) (string, error) {
	err := os.MkdirAll(dir, mode)
	if err != nil {
		return "", err
	}
	// What is checked must be what is used: no link may be turned afterwards.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "", err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", err
	}
	return dir, check(dir, why)
}

func check(dir, why string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if m := info.Mode(); !m.IsDir() || m.Perm() != mode {
		return fmt.Errorf("%q has mode %v: %s, so it must be a folder of mode 0700 (chmod 0700, or name another)", dir, m, why)
	}
	for up := filepath.Dir(dir); ; up = filepath.Dir(up) {
		if err := checkAbove(up); err != nil {
			return err
		}
		if up == filepath.Dir(up) {
			break
		}
	}
	return nil
}

// checkWithin looks at all that a folder holds.
func checkWithin(dir, why string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another process of ours tidied up
		} else if err != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		} else if err != nil {
			return err
		}
		return checkOurs(path, why, info)
	})
}
