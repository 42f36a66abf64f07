package sidecar

import (
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/weirproxy/weir/cmd/weir/internal/exit"
)

// app is the application beside the proxy. It is started at most once.
type app struct {
	argv  []string
	path  string
	grace time.Duration

	cmd   *exec.Cmd     // nil before it is started
	ended chan struct{} // closed when it has ended
}

// start starts it, in a process group of its own: what a terminal's interrupt means is
// ours to say.
func (a *app) start() error {
	cmd := &exec.Cmd{Path: a.path, Args: a.argv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, SysProcAttr: attributes()}
	if err := cmd.Start(); err != nil {
		return err
	}
	a.cmd = cmd
	go func() {
		_ = cmd.Wait() // its state has it
		close(a.ended)
	}()
	return nil
}

// signal passes a signal on. One to an application that has ended is lost.
func (a *app) signal(s syscall.Signal) { _ = a.cmd.Process.Signal(s) }

// end ends it, if it runs, and waits for that.
func (a *app) end() {
	if a.cmd == nil {
		return
	}
	a.signal(syscall.SIGTERM)
	select {
	case <-a.ended:
	case <-time.After(a.grace):
		kill(a.cmd)
		<-a.ended
	}
}

// status is its exit code as ours, nil for 0. It has ended.
func (a *app) status() error {
	state := a.cmd.ProcessState
	if w, ok := state.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return exit.With(128+int(w.Signal()), nil)
	}
	if code := state.ExitCode(); code != 0 {
		return exit.With(code, nil)
	}
	return nil
}
