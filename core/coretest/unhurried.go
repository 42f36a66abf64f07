package coretest

import (
	"testing"
	"time"
)

// Unhurried has try show something within a time that must not run out under its hands.
// A machine may stand still for as long as a short one takes: where that was too short,
// a longer one has to do, and what is wrong with the longest is wrong.
func Unhurried(t testing.TB, first time.Duration, try func(span time.Duration) error) {
	t.Helper()
	const longest = Patience / 2 // so that try can wait for its end
	for span := first; ; span = min(8*span, longest) {
		err := try(span)
		if err == nil {
			return
		}
		if span >= longest {
			t.Error(err)
			return
		}
		t.Logf("within %v: %v", span, err)
	}
}
