package main_test

import (
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestRetryPolicyBoundsConnecting: an endpoint that neither takes nor refuses
// connections costs what a try may take.
func TestRetryPolicyBoundsConnecting(t *testing.T) {
	sentElsewhere(t, coretest.BlackHole(t), `, per_try = "1s", attempts = 5`)
}
