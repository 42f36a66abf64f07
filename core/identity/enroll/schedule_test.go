package enroll_test

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/identity/enroll"
)

// TestDue: two thirds of a life, or up to a twentieth of it earlier.
func TestDue(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := &x509.Certificate{NotBefore: from, NotAfter: from.Add(time.Hour)}
	for chance, want := range map[float64]time.Duration{0: 40 * time.Minute, 0.5: 38*time.Minute + 30*time.Second, 1: 37 * time.Minute} {
		if got := enroll.Due(c, chance).Sub(from); got != want {
			t.Errorf("by chance %v after %v, want %v", chance, got, want)
		}
	}
}

// TestWait: longer each time, up to a bound that leaves a short life several tries.
func TestWait(t *testing.T) {
	for _, c := range []struct {
		failed int
		life   time.Duration
		least  time.Duration
		most   time.Duration
	}{
		{1, time.Hour, 125 * time.Millisecond, 250 * time.Millisecond},
		{2, time.Hour, 250 * time.Millisecond, 500 * time.Millisecond},
		{9, time.Hour, 30 * time.Second, time.Minute},
		{1000, time.Hour, 30 * time.Second, time.Minute},
		{1000, 0, 30 * time.Second, time.Minute},
		{1000, 12 * time.Second, 500 * time.Millisecond, time.Second},
		{1000, time.Second, 125 * time.Millisecond, 250 * time.Millisecond},
	} {
		if least, most := enroll.Wait(c.failed, c.life, 0), enroll.Wait(c.failed, c.life, 1); least != c.least || most != c.most {
			t.Errorf("after %d failures in a life of %v: %v to %v, want %v to %v", c.failed, c.life, least, most, c.least, c.most)
		}
	}
}
