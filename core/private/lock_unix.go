//go:build unix

package private

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Lock waits until no other has the folder's lock, and takes it: whoever reads a file
// and replaces it by what comes of that does so alone. It is given back by unlock, or
// by the end of the process.
func Lock(dir string) (unlock func(), err error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, syscall.EINTR) {
			_ = f.Close()
			return nil, fmt.Errorf("locking %q: %w", dir, err)
		}
	}
}
