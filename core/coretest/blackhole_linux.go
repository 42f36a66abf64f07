package coretest

import (
	"net"
	"strconv"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// BlackHole is an address at which connections are neither taken nor refused: a listener
// whose queue is full.
func BlackHole(t testing.TB) string {
	t.Helper()
	fd := socket(t)
	at := bind(t, fd)
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	Eventually(t, "a listener's queue is full", func() bool {
		// Of a listener these are who waits to be accepted, and how many may.
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			t.Fatal(err)
		}
		if info.Unacked > info.Sacked {
			return true
		}
		c := socket(t)
		if err := syscall.SetNonblock(c, true); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Connect(c, at); err != nil && err != syscall.EINPROGRESS {
			t.Fatal(err)
		}
		return false
	})
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(at.Port))
}
