package sock

import (
	"fmt"
	"net"
	"sync/atomic"
	"syscall"
)

// mark is put on every socket that is dialed from now on, 0 for none. Like a user's
// number it is the process's: whoever redirects connections tells ours by it.
var mark atomic.Uint32

// SetMark has the sockets of every [Dialer] carry a mark (SO_MARK) from now on, 0 for
// none. The error says that the process may not do that; nothing has changed then.
func SetMark(n uint32) error {
	if n != 0 {
		// A socket of UDP that is connected sends nothing.
		probe := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error { return setMark(c, n) }}
		c, err := probe.Dial("udp4", "127.0.0.1:9")
		if err != nil {
			return fmt.Errorf("marking our sockets with %d: %w", n, err)
		}
		_ = c.Close()
	}
	mark.Store(n)
	return nil
}

// Dialer is d, with the mark that [SetMark] says when it dials.
func Dialer(d net.Dialer) *net.Dialer {
	d.Control = marked
	return &d
}

func marked(_, _ string, c syscall.RawConn) error {
	if n := mark.Load(); n != 0 {
		return setMark(c, n)
	}
	return nil
}
