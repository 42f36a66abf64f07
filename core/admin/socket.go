package admin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
)

// unixPrefix marks an address that is the path of a Unix socket.
const unixPrefix = "unix:"

// ours is the mode of a Unix socket: whoever may write to it may connect.
const ours = 0o600

func listen(addr string) (net.Listener, error) {
	path, ok := strings.CutPrefix(addr, unixPrefix)
	if !ok {
		return net.Listen("tcp", addr)
	}
	if err := clear(path); err != nil {
		return nil, fmt.Errorf("listening on %q: %w", path, err)
	}
	// Linux gives the file the mode that the socket had before, so that nobody
	// else can connect in between; other systems need it said once more.
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.Fchmod(int(fd), ours) })
	}}
	l, err := lc.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, ours); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// clear removes what a process that died left behind. A socket that somebody
// serves stays, and so does what is no socket.
func clear(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSocket == 0:
		return errors.New("a file that is no socket is there; remove it, or choose another path")
	}
	c, err := net.Dial("unix", path)
	switch {
	case err == nil:
		_ = c.Close()
		return errors.New("another process serves it")
	case errors.Is(err, syscall.ECONNREFUSED):
		return os.Remove(path)
	}
	return err // a full queue or a missing right says nothing of who serves it
}
