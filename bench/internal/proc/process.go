package proc

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Spec says what is to be run.
type Spec struct {
	Name string   // in errors, and of its log file
	Path string   // of the executable
	Args []string // without the executable
	Env  []string // beside those of this process
	Dir  string   // where its log goes
}

// Process is one that runs, or did.
type Process struct {
	Name string
	PID  int

	log  string
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // then: how
}

// Start runs a process. The caller stops it.
func Start(s Spec) (*Process, error) {
	log := filepath.Join(s.Dir, s.Name+".log")
	out, err := os.Create(log)
	if err != nil {
		return nil, fmt.Errorf("starting %q: %w", s.Name, err)
	}
	defer func() { _ = out.Close() }()

	cmd := exec.Command(s.Path, s.Args...)
	cmd.Env = append(os.Environ(), s.Env...)
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:   true, // a terminal's interrupt is for us alone: we stop the rest in order
		Pdeathsig: syscall.SIGTERM,
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %q: %w", s.Name, err)
	}
	p := &Process{Name: s.Name, PID: cmd.Process.Pid, log: log, cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Ended is the error of a process that ended before it was stopped: how, and
// the last it wrote.
func (p *Process) Ended() error {
	how := "it ended without an error"
	if p.err != nil {
		how = p.err.Error()
	}
	return fmt.Errorf("running %q: %s; it wrote: %s", p.Name, how, p.Tail())
}

// Output is all that the process wrote, to either of its outputs.
func (p *Process) Output() (string, error) {
	b, err := os.ReadFile(p.log)
	return string(b), err
}

// Tail is the end of what the process wrote.
func (p *Process) Tail() string {
	const most = 2048
	b, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return "(none)"
	}
	return string(b[max(0, len(b)-most):])
}

// Stop ends the process and its children: politely, and by force after grace.
// It returns when they are gone.
func (p *Process) Stop(grace time.Duration) {
	tree := treeOf(p.PID)
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(grace):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
	for _, pid := range tree {
		if pid != p.PID && inGroup(pid, p.PID) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// inGroup guards against a process id that was given to a stranger meanwhile.
func inGroup(pid, group int) bool {
	g, err := syscall.Getpgid(pid)
	return err == nil && g == group
}
