package sock

import (
	"io"
	"syscall"
	"unsafe"
)

// Preview waits until more than have bytes of what the peer sends can be seen,
// and copies them into p from their beginning, as many as fit. It takes nothing: the
// next Read gets the same bytes. io.EOF is a peer that will send no more than have.
func (c *Conn) Preview(p []byte, have int) (int, error) {
	n := 0
	var failed error
	err := c.awaitRead(func(fd uintptr) bool {
		var e syscall.Errno
		n, e = peek(fd, p)
		switch {
		case e == syscall.EAGAIN:
			return false
		case e != 0:
			failed = opError("read", e)
		case n > have:
		case n == 0 || !sending(fd):
			// Looked at again: the last bytes may have come with the end.
			if n, e = peek(fd, p); e != 0 || n <= have {
				failed = io.EOF
			}
		default:
			return false
		}
		return true
	})
	if err != nil {
		return 0, err
	}
	return n, failed
}

func peek(fd uintptr, p []byte) (int, syscall.Errno) {
	for {
		n, _, e := syscall.RawSyscall6(syscall.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)),
			syscall.MSG_PEEK|syscall.MSG_DONTWAIT, 0, 0)
		switch e {
		case 0:
			return int(n), 0
		case syscall.EINTR:
		default:
			return 0, e
		}
	}
}

// The states of a TCP connection in which its peer may send more, by
// include/net/tcp_states.h.
const (
	established = 1
	finWait1    = 4
	finWait2    = 5
)

// sending says whether the peer may send more than the kernel has already.
func sending(fd uintptr) bool {
	switch state(fd) {
	case established, finWait1, finWait2:
		return true
	}
	return false
}

// state is the connection's, 0 if it cannot be told.
func state(fd uintptr) uint8 {
	var info [104]byte // struct tcp_info; its first byte is the state
	size := uint32(len(info))
	_, _, e := syscall.RawSyscall6(syscall.SYS_GETSOCKOPT, fd, syscall.IPPROTO_TCP, syscall.TCP_INFO,
		uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
	if e != 0 {
		return 0
	}
	return info[0]
}
