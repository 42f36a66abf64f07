package provider

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-plugin/runner"
)

// child is a provider's process, as go-plugin runs one. It is ours and not
// go-plugin's own so that no orphan is left, nothing of ours is inherited, and
// nothing that the process does can keep us waiting.
type child struct {
	cmd            *exec.Cmd
	program        *program
	folder         string   // of its socket
	stdin          *os.File // our end: as long as it is open, we are there
	stdout, stderr *os.File
	process        atomic.Pointer[os.Process]
	doomed         atomic.Bool
	exited         chan struct{} // closed when it has ended
	err            error         // how; after exited
}

var _ runner.Runner = (*child)(nil)

// newChild takes of what go-plugin asks for the environment alone.
func newChild(o *Options, env []string, folder string) (*child, error) {
	p, err := open(o.Command[0], o.SHA256)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(p.path, o.Command[1:]...)
	cmd.Args[0] = p.name
	cmd.Env = []string{} // nil would be ours
	for name, value := range o.Env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Env = append(cmd.Env, env...)
	cmd.SysProcAttr = attributes()
	return &child{cmd: cmd, program: p, folder: filepath.Clean(folder), exited: make(chan struct{})}, nil
}

// Start implements runner.Runner.
func (c *child) Start(context.Context) error {
	defer c.program.close()
	var theirs []*os.File
	defer func() {
		for _, f := range theirs {
			_ = f.Close()
		}
	}()
	pipe := func() (r, w *os.File, err error) {
		if r, w, err = os.Pipe(); err != nil {
			c.closePipes()
			return nil, nil, fmt.Errorf("making a provider's pipes: %w", err)
		}
		return r, w, nil
	}
	in, stdin, err := pipe()
	if err != nil {
		return err
	}
	c.cmd.Stdin, c.stdin = in, stdin
	theirs = append(theirs, in)
	stdout, out, err := pipe()
	if err != nil {
		return err
	}
	c.cmd.Stdout, c.stdout = out, stdout
	theirs = append(theirs, out)
	stderr, errs, err := pipe()
	if err != nil {
		return err
	}
	c.cmd.Stderr, c.stderr = errs, stderr
	theirs = append(theirs, errs)

	started := make(chan error)
	go c.live(started)
	return <-started
}

// live starts the process and stays until it ends, on a thread of its own: the
// kernel takes the end of the thread that started it for our death.
func (c *child) live(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(c.exited)
	if c.err = c.cmd.Start(); c.err != nil {
		c.closePipes()
		started <- fmt.Errorf("starting the provider's program %q: %w", c.program.name, c.err)
		return
	}
	c.process.Store(c.cmd.Process)
	if c.doomed.Load() {
		_ = c.cmd.Process.Kill()
	}
	started <- nil
	c.err = reap(c.cmd)
	_ = c.stdin.Close()
	// What escaped its process group may still hold the other ends.
	soon := time.Now().Add(time.Second)
	_, _ = c.stdout.SetReadDeadline(soon), c.stderr.SetReadDeadline(soon)
}

func (c *child) closePipes() {
	for _, f := range []*os.File{c.stdin, c.stdout, c.stderr} {
		if f != nil {
			_ = f.Close()
		}
	}
}

// Wait implements runner.Runner. It is called after the output has been read.
func (c *child) Wait(context.Context) error {
	<-c.exited
	c.closePipes()
	return c.err
}

// Kill implements runner.Runner.
func (c *child) Kill(context.Context) error {
	c.kill()
	return nil
}

// kill ends the process, whatever it does, and those of its group with it. It
// may come at any time, also before the start.
func (c *child) kill() {
	c.doomed.Store(true)
	if p := c.process.Load(); p != nil {
		_ = p.Kill() // reap kills the others
	}
}

// PluginToHost implements runner.Runner: we connect to the folder that we have
// made, and to nowhere else that the provider may say.
func (c *child) PluginToHost(network, addr string) (string, string, error) {
	if network != "unix" || filepath.Dir(filepath.Clean(addr)) != c.folder {
		return "", "", fmt.Errorf("the provider listens at %s %q, not in %q as it was told", network, addr, c.folder)
	}
	return network, addr, nil
}

// HostToPlugin implements runner.Runner.
func (c *child) HostToPlugin(string, string) (string, string, error) {
	return "", "", net.UnknownNetworkError("providers call nobody")
}

// ID implements runner.Runner: the process's id, "" before its start.
func (c *child) ID() string {
	if p := c.process.Load(); p != nil {
		return strconv.Itoa(p.Pid)
	}
	return ""
}

// Name implements runner.Runner.
func (c *child) Name() string { return c.program.name }

// Stdout implements runner.Runner. What comes after the first line is thrown
// away, at our pace.
func (c *child) Stdout() io.ReadCloser { return &pacedReader{ReadCloser: c.stdout} }

// Stderr implements runner.Runner.
func (c *child) Stderr() io.ReadCloser { return c.stderr }

// Diagnose implements runner.Runner.
func (c *child) Diagnose(context.Context) string { return "" }
