package socktest

import (
	"net"
	"strconv"
	"syscall"
	"testing"
)

// Refusing is an address that refuses connections. The port is held until the test
// ends: one that was only free a moment ago may be anybody's by now. A program of the
// test may still listen there if it sets SO_REUSEADDR, as Go's and Redis's sockets do.
func Refusing(t testing.TB) string {
	t.Helper()
	fd := socket(t)
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		t.Fatal(err)
	}
	// Bound and never listening: the kernel gives the port to no one who asks for any.
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(bind(t, fd).Port))
}

// socket is one of TCP that is closed when the test ends.
func socket(t testing.TB) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	return fd
}

// bind gives a socket any port of this machine.
func bind(t testing.TB, fd int) *syscall.SockaddrInet4 {
	t.Helper()
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return at.(*syscall.SockaddrInet4)
}
