package sock

import (
	"syscall"
	"unsafe"
)

// State is what a look at an idle or waiting connection shows.
type State uint8

// The states.
const (
	Quiet    State = iota // open, nothing to read
	Readable              // open, bytes wait
	Gone                  // closed or reset by the peer
)

// Peek looks at the connection without taking anything from it. It may be
// called beside a read or a write.
func (c *Conn) Peek() State {
	state := Gone
	_ = c.raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, e := syscall.RawSyscall6(syscall.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&b)), 1,
			syscall.MSG_PEEK|syscall.MSG_DONTWAIT, 0, 0)
		switch {
		case e == syscall.EAGAIN || e == syscall.EINTR:
			state = Quiet
		case e == 0 && n > 0:
			state = Readable
		}
	})
	return state
}

// HalfClosed says whether the peer has only ended its sending half: it may
// still wait for an answer. It is asked after Peek said Gone.
func (c *Conn) HalfClosed() bool {
	half := false
	_ = c.raw.Control(func(fd uintptr) {
		var info [104]byte // struct tcp_info; its first byte is the state
		size := uint32(len(info))
		_, _, e := syscall.RawSyscall6(syscall.SYS_GETSOCKOPT, fd, syscall.IPPROTO_TCP, syscall.TCP_INFO,
			uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&size)), 0)
		const closeWait = 8
		half = e == 0 && info[0] == closeWait
	})
	return half
}
