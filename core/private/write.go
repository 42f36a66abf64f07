package private

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// unfinished begins the name of a file that is being written.
const unfinished = "unfinished-"

// abandoned is the age from which such a file is that of a process that died.
const abandoned = time.Hour

// Write replaces a file by one that only we may read, in one step and to stay: whoever
// reads it meets the old content or the new, also after a crash, of the machine too.
func Write(path string, content []byte) error { return WriteBy(filepath.Dir(path), path, content) }

// WriteBy is Write by way of another folder of the same file system, for a file whose
// own shall hold nothing else, not even for a moment.
func WriteBy(folder, path string, content []byte) (err error) {
	f, err := os.CreateTemp(folder, unfinished) // of mode 0600
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
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return settle(filepath.Dir(path))
}

// Remove removes a file, to stay so after a crash of the machine too.
func Remove(path string) error {
	if err := os.Remove(path); err != nil {
		return err
	}
	return settle(filepath.Dir(path))
}

// settle has the disk know which files a folder holds. A file system that cannot be
// asked for that does so when it does.
func settle(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// Tidy removes from a folder what processes had begun to write there and did not
// finish. What is young may be under way in another process, and stays.
func Tidy(folder string) error {
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		info, gone := e.Info()
		if gone != nil || !info.Mode().IsRegular() || !strings.HasPrefix(e.Name(), unfinished) || time.Since(info.ModTime()) < abandoned {
			continue
		}
		if failed := os.Remove(filepath.Join(folder, e.Name())); !errors.Is(failed, fs.ErrNotExist) {
			err = errors.Join(err, failed)
		}
	}
	return err
}
