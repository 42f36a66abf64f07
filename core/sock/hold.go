package sock

import (
	"net"
	"strconv"
	"syscall"
)

// Hold takes a loopback address at which nobody listens, for as long as the descriptor is
// open: one that was only free a moment ago may be anybody's by now. The socket is bound
// and never listens, so that the kernel gives the port to nobody but who asks for it and
// sets SO_REUSEADDR, as programs do that listen.
func Hold() (fd int, addr string, err error) {
	fd, err = syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return fd, "", err
	}
	defer func() {
		if err != nil {
			_ = syscall.Close(fd)
		}
	}()
	if err = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		return fd, "", err
	}
	if err = syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return fd, "", err
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		return fd, "", err
	}
	return fd, net.JoinHostPort("127.0.0.1", strconv.Itoa(at.(*syscall.SockaddrInet4).Port)), nil
}
