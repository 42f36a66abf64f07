//go:build !unix

package private

import (
	"fmt"
	"runtime"
)

// Lock refuses, as checkOurs does.
func Lock(dir string) (unlock func(), err error) {
	return nil, fmt.Errorf("%q cannot be locked on %s", dir, runtime.GOOS)
}

// TryLock gets none.
func TryLock(string) (unlock func(), ok bool) { return nil, false }

// Share refuses, as Lock does.
func Share(dir string) (unlock func(), err error) { return Lock(dir) }
