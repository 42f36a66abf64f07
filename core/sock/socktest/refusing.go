package socktest

import (
	"syscall"
	"testing"

	"github.com/weirproxy/weir/core/sock"
)

// Refusing is an address that refuses connections. It is held until the test ends, see
// [sock.Hold]; a program of the test may still listen there.
func Refusing(t testing.TB) string {
	t.Helper()
	_, addr := hold(t)
	return addr
}

func hold(t testing.TB) (fd int, addr string) {
	t.Helper()
	fd, addr, err := sock.Hold()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	return fd, addr
}
