// Package wire measures proxies over the loopback interface: each is a process of
// its own, and they are loaded in turns, so that all see the same machine.
//
// Start at [Lab].
package wire

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/weirproxy/weir/bench/internal/proc"
	"github.com/weirproxy/weir/bench/internal/system"
)

// Lab is where contenders run. Close ends them.
type Lab struct{ setup *system.Setup }

// Contender is a proxy that runs.
type Contender struct {
	Name string
	Addr string      // "host:port"
	TLS  *tls.Config // nil: it is spoken to in clear
	// Meanwhile is done every now and then while it is loaded, if it is not nil.
	Meanwhile func() error
	Every     time.Duration

	// Program and Version are of a peer's program, where it tells.
	Program, Version string

	running *system.Running
}

// New makes a lab, with a server that proxies have behind them. self is our own
// executable, args what it is told before "origin".
func New(ctx context.Context, self string, args ...string) (*Lab, error) {
	dir, err := os.MkdirTemp("", "weir-bench-")
	if err != nil {
		return nil, fmt.Errorf("making the run's folder: %w", err)
	}
	l := &Lab{&system.Setup{Root: checkout(), Dir: dir, Self: self, SelfArgs: args, Weir: self, OwnLoad: true, UserCache: true}}
	if err := l.setup.Prepare(ctx, nil); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// checkout is the nearest folder, from the working one upwards, that holds a Go
// module: Envoy may be there. Without one it is the working folder.
func checkout() string {
	wd, err := os.Getwd()
	if err != nil {
		return "."
	}
	for dir := wd; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return wd
		}
	}
}

// Close ends all processes and removes what they wrote.
func (l *Lab) Close() {
	l.setup.Close()
	_ = os.RemoveAll(l.setup.Dir)
}

// Origin is the address of the server behind.
func (l *Lab) Origin() string { return l.setup.Upstream() }

// Dir is a folder for files of the run.
func (l *Lab) Dir() string { return l.setup.Dir }

// listening is what a process of ours writes when it takes connections, and
// behind it the address.
const listening = "listening at "

// Listening is the line by which [Lab.Weir] learns where its process listens.
func Listening(addr string) string { return listening + addr + "\n" }

// startLimit is how long a process may take to begin. A cold compile on a busy
// machine takes many seconds.
const startLimit = 2 * time.Minute

// Weir starts our own executable with arguments, which says [Listening].
func (l *Lab) Weir(ctx context.Context, name string, args ...string) (*Contender, error) {
	file := strings.Map(func(r rune) rune {
		if r == '/' || r == 0 {
			return '-'
		}
		return r
	}, name)
	p, err := l.setup.Run(proc.Spec{Name: file, Path: l.setup.Weir, Args: args, Env: []string{"GOMAXPROCS=2"}})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, startLimit, fmt.Errorf("%q does not begin within %s", name, startLimit))
	defer cancel()
	for {
		out, err := p.Output()
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(out) {
			if addr, ok := strings.CutPrefix(line, listening); ok && strings.HasSuffix(line, "\n") {
				return &Contender{Name: name, Addr: strings.TrimSpace(addr), running: &system.Running{Process: p}}, nil
			}
		}
		select {
		case <-p.Done():
			return nil, p.Ended()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Hangup sends SIGHUP to the contender.
func (c *Contender) Hangup() error {
	if err := syscall.Kill(c.running.PID, syscall.SIGHUP); err != nil {
		return fmt.Errorf("telling %q to read its configuration again: %w", c.Name, err)
	}
	return nil
}
