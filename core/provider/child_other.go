//go:build !linux

package provider

import (
	"os"
	"os/exec"
	"syscall"
)

// Elsewhere a child ends with us because the kit watches its standard input.

func attributes() *syscall.SysProcAttr { return nil }

func pathOf(f *os.File) string { return f.Name() }

func reap(cmd *exec.Cmd) error { return cmd.Wait() }
