//go:build !linux

package sidecar

import (
	"errors"
	"os/exec"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

func kill(cmd *exec.Cmd) { _ = cmd.Process.Kill() }

func beFirst() error { return errors.New("being the first process is for Linux") }
