package demo

import "syscall"

// attributes give a child a process group of its own, so that a terminal's interrupt
// is ours to pass on, and have it told to end when we are killed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
