package sock

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"os"
	"syscall"
	"unsafe"
)

// setMark marks a socket before it connects.
func setMark(c syscall.RawConn, n uint32) error {
	var wrong error
	err := c.Control(func(fd uintptr) {
		wrong = os.NewSyscallError("setsockopt SO_MARK", syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_MARK, int(n)))
	})
	return errors.Join(err, wrong)
}

// originalDst is SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST.
const originalDst = 80

// Redirected is where the client of an accepted connection meant to connect to, if the
// kernel has sent it here instead (REDIRECT or DNAT). It asks the kernel.
func (c *Conn) Redirected() (to netip.AddrPort, ok bool) {
	level := syscall.SOL_IP
	if c.local.Addr().Is6() {
		level = syscall.SOL_IPV6
	}
	var b [syscall.SizeofSockaddrInet6]byte
	size := uint32(len(b))
	var errno syscall.Errno
	if c.raw.Control(func(fd uintptr) {
		_, _, errno = syscall.RawSyscall6(syscall.SYS_GETSOCKOPT, fd, uintptr(level), originalDst,
			uintptr(unsafe.Pointer(&b)), uintptr(unsafe.Pointer(&size)), 0)
	}) != nil || errno != 0 {
		return netip.AddrPort{}, false
	}
	to = addressOf(b[:size])
	return to, to.IsValid() && to != c.local
}

// addressOf is what a sockaddr_in or sockaddr_in6 holds.
func addressOf(b []byte) netip.AddrPort {
	if len(b) < syscall.SizeofSockaddrInet4 {
		return netip.AddrPort{}
	}
	port := binary.BigEndian.Uint16(b[2:])
	switch family := binary.NativeEndian.Uint16(b); {
	case family == syscall.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), port)
	case family == syscall.AF_INET6 && len(b) == syscall.SizeofSockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[8:24])).Unmap(), port)
	}
	return netip.AddrPort{}
}
