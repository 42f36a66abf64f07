package coretest

import (
	"testing"

	"github.com/weirproxy/weir/core/sock/socktest"
)

// Refusing is [socktest.Refusing]: an address that nobody listens on, unless a program of
// the test is told to.
func Refusing(t testing.TB) string {
	t.Helper()
	return socktest.Refusing(t)
}
