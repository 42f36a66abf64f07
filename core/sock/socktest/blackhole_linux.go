package socktest

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
	const most = 1000 // connections; two or three are enough
	for range most {
		// Of a listener these are who waits to be accepted, and how many may.
		info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			t.Fatal(err)
		}
		if info.Unacked > info.Sacked {
			return net.JoinHostPort("127.0.0.1", strconv.Itoa(at.Port))
		}
		c := socket(t)
		if err := syscall.SetNonblock(c, true); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Connect(c, at); err != nil && err != syscall.EINPROGRESS {
			t.Fatal(err)
		}
	}
	t.Fatal("the listener's queue is never full")
	return ""
}
