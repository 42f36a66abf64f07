//go:build !linux

package sock

import (
	"errors"
	"net/netip"
	"syscall"
)

func setMark(syscall.RawConn, uint32) error { return errors.New("only Linux has marks of sockets") }

// Redirected is for Linux: elsewhere no connection is known to be.
func (c *Conn) Redirected() (to netip.AddrPort, ok bool) { return netip.AddrPort{}, false }
