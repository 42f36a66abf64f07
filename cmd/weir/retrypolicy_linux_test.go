package main_test

import (
	"testing"

	"github.com/weirproxy/weir/core/sock/socktest"
)

// TestRetryPolicyBoundsConnecting: an endpoint that neither takes nor refuses
// connections costs what a try may take.
func TestRetryPolicyBoundsConnecting(t *testing.T) {
	sentElsewhere(t, socktest.BlackHole(t), `, per_try = "1s", attempts = 5`)
}
