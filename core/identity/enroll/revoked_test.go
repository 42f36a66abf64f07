package enroll_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/identity/enroll"
)

// TestRevoked: a member that was revoked keeps what it has, and joins anew by a token
// as soon as it is given one.
func TestRevoked(t *testing.T) {
	r := newRig(t)
	w := r.workload()
	m, err := enroll.New(r.options, w)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Renew(context.Background()); err != nil {
		t.Fatal(err)
	}
	first := w.Current()
	if _, err := r.authority.Revoke(web, "", time.Now()); err != nil {
		t.Fatal(err)
	}
	for token, says := range map[string]string{"": "was revoked", r.options.Token: "unknown, was used, or has expired"} {
		m.Use(token)
		if err := m.Renew(context.Background()); err == nil || !strings.Contains(err.Error(), says) || w.Current() != first {
			t.Errorf("with %q: %v", token, err)
		}
	}
	m.Use(r.token(web))
	for range 2 { // the second time without it
		if err := m.Renew(context.Background()); err != nil {
			t.Error(err)
		}
		m.Use("")
	}
	if w.Current() == first {
		t.Error("it goes on with what was revoked")
	}
}
