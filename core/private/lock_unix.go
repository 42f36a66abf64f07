//go:build unix

package private

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// Lock waits until no other has the folder's lock, and takes it: whoever reads a file
// and replaces it by what comes of that does so alone. It is given back by unlock, or
// by the end of the process.
func Lock(dir string) (unlock func(), err error) { return lock(dir, syscall.LOCK_EX) }

// TryLock is Lock that does not wait. ok is false where others have the lock, or share it.
func TryLock(dir string) (unlock func(), ok bool) {
	unlock, err := lock(dir, syscall.LOCK_EX|syscall.LOCK_NB)
	return unlock, err == nil
}

// Share waits until nobody has the lock alone, and takes it beside others that share it:
// the folder is in use. The error is fs.ErrNotExist where the folder is gone by then.
func Share(dir string) (unlock func(), err error) { return lock(dir, syscall.LOCK_SH) }

func lock(dir string, how int) (unlock func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for err = syscall.EINTR; errors.Is(err, syscall.EINTR); {
		err = syscall.Flock(int(f.Fd()), how)
	}
	if err == nil {
		err = still(f, dir)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("locking %q: %w", dir, err)
	}
	return func() { _ = f.Close() }, nil
}

// still fails where another folder has the name meanwhile, or none.
func still(f *os.File, dir string) error {
	was, err := f.Stat()
	if err != nil {
		return err
	}
	is, err := os.Stat(dir)
	if err == nil && !os.SameFile(was, is) {
		err = fs.ErrNotExist
	}
	return err
}
