package listener

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
)

// inherited are the sockets that whoever started us has opened for us, by the
// protocol of sd_listen_fds(3): LISTEN_FDS sockets from descriptor 3 on, if
// LISTEN_PID is ours. They stay open to the end of the process: their owner
// keeps the port, so an address that a reload drops and another wants again
// could not be bound anew.
var inherited = sync.OnceValues(func() ([]*net.TCPListener, error) {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil
	}
	n, err := strconv.Atoi(os.Getenv("LISTEN_FDS"))
	if err != nil || n < 0 {
		return nil, fmt.Errorf("reading LISTEN_FDS %q: not a number of sockets", os.Getenv("LISTEN_FDS"))
	}
	const first = 3
	var all []*net.TCPListener
	for fd := first; fd < first+n; fd++ {
		f := os.NewFile(uintptr(fd), "inherited")
		l, err := net.FileListener(f)
		_ = f.Close()
		if err != nil {
			return nil, fmt.Errorf("taking inherited socket %d over: %w", fd, err)
		}
		t, ok := l.(*net.TCPListener)
		if !ok {
			return nil, fmt.Errorf("taking inherited socket %d over: it listens on %s %q, want TCP", fd, l.Addr().Network(), l.Addr())
		}
		all = append(all, t)
	}
	return all, nil
})

// Open gives the listening socket of addr ("host:port"): an inherited one, if
// there is one of that address, else a new one.
func Open(addr string) (*net.TCPListener, error) {
	given, err := inherited()
	if err != nil {
		return nil, err
	}
	for _, t := range given {
		if sameAddr(t.Addr(), addr) {
			return another(t)
		}
	}
	// Accepted connections keep the kernel's own keep-alive probes, so that a
	// peer whose machine is gone is found.
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening on %q: %w", addr, err)
	}
	return l.(*net.TCPListener), nil
}

// another is a listener of the same socket that can be closed by itself.
func another(t *net.TCPListener) (*net.TCPListener, error) {
	f, err := t.File()
	if err != nil {
		return nil, fmt.Errorf("taking the inherited socket of %q: %w", t.Addr(), err)
	}
	defer f.Close()
	l, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("taking the inherited socket of %q: %w", t.Addr(), err)
	}
	return l.(*net.TCPListener), nil
}

func sameAddr(a net.Addr, addr string) bool {
	want, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return false
	}
	have, ok := a.(*net.TCPAddr)
	return ok && have.Port == want.Port && (have.IP.Equal(want.IP) || have.IP.IsUnspecified() && (want.IP == nil || want.IP.IsUnspecified()))
}
