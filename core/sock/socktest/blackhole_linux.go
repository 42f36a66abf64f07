package socktest

import (
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// BlackHole is an address at which connections are neither taken nor refused: a listener
// whose queue is full.
func BlackHole(t testing.TB) string {
	t.Helper()
	fd, addr := hold(t)
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
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
			return addr
		}
		queue(t, at)
	}
	t.Fatal("the listener's queue is never full")
	return ""
}

// queue has a connection stand in a listener's queue until the test ends.
func queue(t testing.TB, at syscall.Sockaddr) {
	t.Helper()
	c, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC|syscall.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(c) })
	if err := syscall.Connect(c, at); err != nil && err != syscall.EINPROGRESS {
		t.Fatal(err)
	}
}
