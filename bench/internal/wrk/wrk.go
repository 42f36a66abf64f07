// Package wrk drives load with wrk, which spends less of a small machine on
// itself than a generator in Go.
//
// Start at [Load.Run].
package wrk

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

//go:embed done.lua
var script []byte

// Load is what is sent: as many requests as are answered, each connection the
// next when it has the answer to the last.
type Load struct {
	Path        string // of wrk
	Dir         string // for its script
	Threads     int
	Connections int
	Headers     []string // "name: value", sent with each request
}

// Result is what one run measured.
type Result struct {
	Requests   int64 `json:"requests"`
	DurationUS int64 `json:"duration_us"`
	Bytes      int64 `json:"bytes"`
	P50US      int64 `json:"p50_us"`
	P99US      int64 `json:"p99_us"`
	MaxUS      int64 `json:"max_us"`

	Connect int64 `json:"connect"` // errors, each kind counted
	Read    int64 `json:"read"`
	Write   int64 `json:"write"`
	Status  int64 `json:"status"`  // answers of 400 and above
	Timeout int64 `json:"timeout"` // answers later than 2 s
}

// RPS is the requests answered a second.
func (r Result) RPS() float64 {
	return float64(r.Requests) / (float64(r.DurationUS) / 1e6)
}

// Run sends requests to url for a number of whole seconds, as wrk wants it. Its error includes that of a single
// request that was not answered as it should be, with at least size bytes.
func (l Load) Run(ctx context.Context, url string, size int64, seconds int) (Result, error) {
	file := filepath.Join(l.Dir, "done.lua")
	if err := os.WriteFile(file, script, 0o600); err != nil {
		return Result{}, fmt.Errorf("writing wrk's script: %w", err)
	}
	args := []string{
		"--threads", strconv.Itoa(l.Threads), "--connections", strconv.Itoa(l.Connections),
		"--duration", strconv.Itoa(seconds) + "s", "--script", file,
	}
	for _, h := range l.Headers {
		args = append(args, "--header", h)
	}
	cmd := exec.CommandContext(ctx, l.Path, append(args, url)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		if ctx.Err() != nil {
			return Result{}, ctx.Err()
		}
		return Result{}, fmt.Errorf("loading %s: %w: %s", url, err, bytes.TrimSpace(out))
	}
	r, err := parse(out)
	if err == nil {
		err = r.check(size)
	}
	if err != nil {
		return Result{}, fmt.Errorf("loading %s: %w", url, err)
	}
	return r, nil
}

// parse finds the script's line in what wrk printed.
func parse(out []byte) (Result, error) {
	var r Result
	i := bytes.LastIndex(out, []byte("\n{"))
	if i < 0 {
		return r, fmt.Errorf("parsing wrk's output: no result in %q", out)
	}
	if err := json.Unmarshal(out[i:], &r); err != nil {
		return r, fmt.Errorf("parsing wrk's output %q: %w", out[i:], err)
	}
	return r, nil
}

// check refuses a run in which anything went wrong: its figures would be those
// of errors.
func (r Result) check(size int64) error {
	if r.Requests == 0 {
		return fmt.Errorf("no request was answered (%s)", r.failures())
	}
	if r.Connect+r.Read+r.Write+r.Status+r.Timeout > 0 {
		return fmt.Errorf("of %d requests some failed (%s)", r.Requests, r.failures())
	}
	if r.Bytes < r.Requests*size {
		return fmt.Errorf("%d answers have %d bytes, want at least %d each", r.Requests, r.Bytes, size)
	}
	return nil
}

// failures lists the errors of a run, zero or not.
func (r Result) failures() string {
	return fmt.Sprintf("errors: connect %d, read %d, write %d, status %d, timeout %d",
		r.Connect, r.Read, r.Write, r.Status, r.Timeout)
}
