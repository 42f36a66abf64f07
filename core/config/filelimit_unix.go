//go:build unix

package config

import (
	"math"
	"syscall"
)

// fileLimit is the number of files the process may have open. Go has raised
// it to the hard limit by the time this is called.
func fileLimit() int {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return 1024
	}
	return int(min(uint64(l.Cur), math.MaxInt32))
}
