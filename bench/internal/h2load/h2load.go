// Package h2load drives load over HTTP/2, with prior knowledge, by nghttp2's
// load generator.
//
// Start at [Load.Run].
package h2load

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/weirproxy/weir/bench/internal/wrk"
)

// Load is what is sent: each stream of a connection is followed by another once
// it has its answer.
type Load struct {
	Path        string // of h2load
	Dir         string // for its log
	Threads     int
	Connections int
	Streams     int      // of a connection at once
	Headers     []string // "name: value", sent with each request
}

// Run sends requests to url for a number of whole seconds. It fails where a
// single one was not answered with 200 and at least size bytes.
func (l Load) Run(ctx context.Context, url string, size int64, seconds int) (wrk.Result, error) {
	log := filepath.Join(l.Dir, "h2load.log")
	if err := os.Remove(log); err != nil && !os.IsNotExist(err) {
		return wrk.Result{}, fmt.Errorf("removing h2load's last log: %w", err)
	}
	args := []string{
		"--threads", strconv.Itoa(l.Threads), "--clients", strconv.Itoa(l.Connections),
		"--max-concurrent-streams", strconv.Itoa(l.Streams), "--duration", strconv.Itoa(seconds), "--log-file", log,
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
			return wrk.Result{}, ctx.Err()
		}
		return wrk.Result{}, fmt.Errorf("loading %s: %w: %s", url, err, bytes.TrimSpace(out))
	}
	r, err := parse(out, size)
	if err != nil {
		return wrk.Result{}, fmt.Errorf("loading %s: %w", url, err)
	}
	r.DurationUS = int64(seconds) * 1e6
	f, err := os.Open(log)
	if err != nil {
		return wrk.Result{}, fmt.Errorf("reading h2load's log: %w", err)
	}
	defer func() { _ = f.Close() }()
	r.P50US, r.P99US, r.MaxUS, err = latencies(f)
	return r, err
}

var (
	counted = regexp.MustCompile(`(?m)^requests: \d+ total, \d+ started, \d+ done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout`)
	moved   = regexp.MustCompile(`(?m)^traffic: .*, .*\((\d+)\) data`)
)

// parse finds the sums in what h2load printed.
func parse(out []byte, size int64) (r wrk.Result, err error) {
	c, m := counted.FindSubmatch(out), moved.FindSubmatch(out)
	if c == nil || m == nil {
		return r, fmt.Errorf("parsing h2load's output: no sums in %q", out)
	}
	r.Requests, r.Bytes = number(c[1]), number(m[1])
	failed := number(c[2]) + number(c[3]) + number(c[4])
	switch {
	case r.Requests == 0:
		return r, fmt.Errorf("no request was answered")
	case failed > 0:
		return r, fmt.Errorf("of %d requests %d failed", r.Requests+failed, failed)
	case r.Bytes < r.Requests*size:
		return r, fmt.Errorf("%d answers have %d bytes, want at least %d each", r.Requests, r.Bytes, size)
	}
	return r, nil
}

func number(b []byte) int64 {
	n, _ := strconv.ParseInt(string(b), 10, 64) // the expression admits digits alone
	return n
}

// latencies reads a log, of which each line is a request: when it began, its
// status, and its microseconds.
func latencies(log io.Reader) (p50, p99, most int64, err error) {
	var all []int64
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) != 3 {
			return 0, 0, 0, fmt.Errorf("parsing h2load's log: %q has not three fields", lines.Text())
		}
		us, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil {
			return 0, 0, 0, fmt.Errorf("parsing h2load's log: %w", err)
		}
		all = append(all, us)
	}
	if err := lines.Err(); err != nil {
		return 0, 0, 0, fmt.Errorf("reading h2load's log: %w", err)
	}
	if len(all) == 0 {
		return 0, 0, 0, fmt.Errorf("parsing h2load's log: it is empty")
	}
	slices.Sort(all)
	at := func(share float64) int64 { return all[min(int(share*float64(len(all))), len(all)-1)] }
	return at(0.5), at(0.99), all[len(all)-1], nil
}
