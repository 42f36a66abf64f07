package main_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/unix"

	"github.com/weirproxy/weir/core/coretest"
)

// openTerminal makes a pseudo-terminal: near is what a window would hold, far what a
// program has in it.
func openTerminal(t *testing.T, columns uint16) (near, far *os.File) {
	t.Helper()
	near, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		if os.Getenv("CI_REQUIRED") != "" {
			t.Fatal("there are no pseudo-terminals here: ", err)
		}
		t.Skip("there are no pseudo-terminals here: ", err)
	}
	t.Cleanup(func() { _ = near.Close() })
	fd := int(near.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: columns})
	}
	if err == nil {
		far, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = far.Close() })
	return near, far
}

// TestBenchTerminal: on a terminal there is a bar, and neither it nor a table is
// wider than that.
func TestBenchTerminal(t *testing.T) {
	const columns = 44
	dir := t.TempDir()
	write(t, dir, "proxy.toml", benched)
	write(t, dir, "own.toml", twoSystems)
	near, far := openTerminal(t, columns)
	ctx, cancel := context.WithTimeout(t.Context(), compiling)
	defer cancel()
	cmd := exec.CommandContext(ctx, built.weir, "bench", "run", "own.toml")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, far, far
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_CACHE_HOME=" + built.cache}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = far.Close() // the program's are the last: its end is that of the output
	var log coretest.Log
	_, _ = io.Copy(&log, near) // it ends with EIO
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v, says %s", err, &log)
	}
	text := strings.ReplaceAll(log.String(), "\r\n", "\n")
	if !strings.Contains(text, "\rown [#") || !strings.Contains(text, "4/4") {
		t.Errorf("shows no bar: %q", text)
	}
	bar, tables, _ := strings.Cut(text, "run own\n")
	for line := range strings.SplitSeq(bar, "\r") {
		if n := utf8.RuneCountInString(line); n >= columns {
			t.Errorf("%d columns of bar: %q", n, line)
		}
	}
	for line := range strings.Lines(tables) {
		if n := utf8.RuneCountInString(line) - 1; n > columns && strings.HasPrefix(line, "  ") {
			t.Errorf("%d columns of a table: %q", n, line)
		}
	}
}
