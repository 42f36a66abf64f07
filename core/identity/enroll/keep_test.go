package enroll_test

import (
	"os"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/identity/enroll"
)

// TestKilledWhileKeeping: after each step of writing a new identity, a process that
// starts has an identity, the old one or the new, and needs no token.
func TestKilledWhileKeeping(t *testing.T) {
	r := newRig(t)
	if _, err := enroll.New(r.options, r.workload()); err != nil { // which makes the folder
		t.Fatal(err)
	}
	issue := func() (cert, key, bundle []byte) {
		t.Helper()
		got, err := r.authority.Issue(web, 0, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return got.Chain, got.Key, got.Bundle
	}
	put := func(path string, content []byte) {
		t.Helper()
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := r.options
	o.Token = ""
	for killed := range 5 { // after so many of the steps of keep
		cert, key, bundle := issue()
		put(o.Cert, cert)
		put(o.Key, key)
		put(o.Bundle, bundle)
		cert, key, bundle = issue()
		for _, step := range []func(){
			func() { put(o.Bundle, bundle) },
			func() { put(o.Key+".next", key) },
			func() { put(o.Cert, cert) },
			func() {
				if err := os.Rename(o.Key+".next", o.Key); err != nil {
					t.Fatal(err)
				}
			},
		}[:killed] {
			step()
		}
		w := r.workload()
		if _, err := enroll.New(o, w); err != nil || w.Current() == nil {
			t.Errorf("after %d steps: no identity, %v", killed, err)
		}
		if _, err := os.Stat(o.Key + ".next"); err == nil {
			t.Errorf("after %d steps: a key is left that nobody needs", killed)
		}
	}
}
