package main

import "testing"

func FuzzUser(f *testing.F) {
	for _, b := range []string{"", "\x0a\x03ann", "\x0a\xff", "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "ann"} {
		f.Add([]byte(b))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if name, ok := user(b); ok && len(name) > len(b) {
			t.Errorf("%q of %q", name, b)
		}
	})
	// What is asked has the same form.
	if name, ok := user([]byte(question("ann", ""))); !ok || name != "ann" {
		f.Errorf("%q, %t", name, ok)
	}
}
