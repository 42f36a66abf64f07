package rewrite

import (
	"net/url"
	"path"
	"strings"
	"testing"
)

// FuzzCalled compares with net/url, wherever that takes an escaped name.
func FuzzCalled(f *testing.F) {
	for _, s := range []string{"user", "us%65r", "a+b", "%", "%6", "a%5Bb]", "%zz"} {
		f.Add(s, "user")
	}
	f.Fuzz(func(t *testing.T, escaped, name string) {
		if plain, err := url.QueryUnescape(escaped); err == nil && called([]byte(escaped), name) != (plain == name) {
			t.Fatalf("%q is called %q: %v", escaped, name, plain != name)
		}
		if !called(escape(nil, name), name) {
			t.Fatalf("%q is not called what it is", name)
		}
	})
}

// FuzzClimbs sees to it that a path which does not climb is clean but for its slashes.
func FuzzClimbs(f *testing.F) {
	for _, s := range []string{"/", "/a/..", "/./a", "/...", "..", "/.a/b."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, p string) {
		parts := strings.FieldsFunc(p, func(r rune) bool { return r == '/' })
		if clean := path.Clean("/" + p); climbs([]byte(p)) != (clean != "/"+strings.Join(parts, "/")) {
			t.Fatalf("%q climbs: %v, and cleaned it is %q", p, climbs([]byte(p)), clean)
		}
	})
}
