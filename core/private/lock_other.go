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
