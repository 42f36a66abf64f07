package demo

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// child is a "weir run" of ours.
type child struct {
	name  string
	cmd   *exec.Cmd
	ready chan ready
	ended chan struct{}
	err   error // once it has ended: how
}

// ready is what a process logs when it takes requests.
type ready struct {
	Msg    string              `json:"msg"`
	Level  string              `json:"level"`
	Listen map[string][]string `json:"listen"`
	Admin  string              `json:"admin"`
}

// runChild starts "weir run" from a file. What it logs as a warning or worse goes to log.
func runChild(log io.Writer, name, file, role string, set []string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	args := []string{"run", "-c", file, "--role", role}
	for _, line := range set {
		args = append(args, "--set", line)
	}
	c := &child{name: name, cmd: exec.Command(self, args...), ready: make(chan ready, 1), ended: make(chan struct{})}
	c.cmd.SysProcAttr = attributes()
	out, err := c.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the %s: %w", name, err)
	}
	go func() {
		defer close(c.ended)
		last := c.follow(out, log)
		if err := c.cmd.Wait(); err != nil {
			c.err = fmt.Errorf("the %s ended: %w: %s", name, err, last)
		}
	}()
	return c, nil
}

// longestLine bounds a line of a child's log that is looked at.
const longestLine = 1 << 20

// follow reads a child's log, and answers its last line.
func (c *child) follow(out io.Reader, log io.Writer) (last string) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		last = lines.Text()
		var r ready
		switch err := json.Unmarshal(lines.Bytes(), &r); {
		case err == nil && r.Msg == "ready":
			select {
			case c.ready <- r:
			default: // it says so once
			}
		case err != nil, r.Level == "WARN", r.Level == "ERROR":
			fmt.Fprintf(log, "%s: %s\n", c.name, last)
		}
	}
	_, _ = io.Copy(io.Discard, out) // a child that nobody reads would stand still
	return last
}

// await waits until the child takes requests.
func (c *child) await(ctx context.Context) (ready, error) {
	select {
	case r := <-c.ready:
		return r, nil
	case <-c.ended:
		return ready{}, c.howEnded()
	case <-ctx.Done():
		return ready{}, context.Cause(ctx)
	}
}

// howEnded is why a child ended that nobody had told to.
func (c *child) howEnded() error {
	return cmp.Or(c.err, fmt.Errorf("the %s ended by itself", c.name))
}

// stop has the child end in order, and waits for that.
func (c *child) stop() {
	_ = c.cmd.Process.Signal(syscall.SIGTERM)
	<-c.ended
}

// line is a setting of a child, its value a text.
func line(key, value string) string { return fmt.Sprintf("%s = %s", key, quoted(value)) }

// quoted is a text as TOML has it.
func quoted(s string) string {
	b, _ := json.Marshal(s) // TOML's basic strings know JSON's escapes
	return strings.ReplaceAll(string(b), "\x7f", `\u007f`)
}
