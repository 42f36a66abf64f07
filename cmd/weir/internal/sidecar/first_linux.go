package sidecar

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/weirproxy/weir/cmd/weir/internal/exit"
)

// beFirst is the first process of a container: it starts this command again, as a child,
// passes all signals on to it, and waits for whatever process ends. The child cannot do
// that itself: it would take away the ends of processes that it waits for, such as the
// application. The exit code is the child's.
func beFirst() error {
	signals := make(chan os.Signal, 64)
	signal.Notify(signals)
	child, err := os.StartProcess("/proc/self/exe", os.Args, &os.ProcAttr{Files: []*os.File{os.Stdin, os.Stdout, os.Stderr}})
	if err != nil {
		return fmt.Errorf("starting ourselves again, beside the first process: %w", err)
	}
	for s := range signals {
		switch s {
		case syscall.SIGCHLD:
			if w, ended := collect(child.Pid); ended {
				return exit.With(codeOf(w), nil)
			}
		case syscall.SIGURG, syscall.SIGPIPE: // the runtime's, and ours
		default:
			_ = syscall.Kill(child.Pid, s.(syscall.Signal))
		}
	}
	return nil
}

// collect takes the ends of all processes that have ended. pid's is answered.
func collect(pid int) (of syscall.WaitStatus, ended bool) {
	for {
		var w syscall.WaitStatus
		got, err := syscall.Wait4(-1, &w, syscall.WNOHANG, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil || got <= 0:
			return of, ended
		case got == pid:
			of, ended = w, true
		}
	}
}

func codeOf(w syscall.WaitStatus) int {
	if w.Signaled() {
		return 128 + int(w.Signal())
	}
	return w.ExitStatus()
}
