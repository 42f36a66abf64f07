package form_test

import (
	"net/url"
	"testing"

	"github.com/weirproxy/weir/filters/internal/form"
)

// FuzzForm compares with net/url, wherever that takes an escaped text.
func FuzzForm(f *testing.F) {
	for _, s := range []string{"user", "us%65r", "a+b", "%", "%6", "a%5Bb]", "%zz", "%c3%A9"} {
		f.Add(s, "user")
	}
	f.Fuzz(func(t *testing.T, escaped, name string) {
		got := string(form.Unescape(nil, []byte(escaped)))
		if want, err := url.QueryUnescape(escaped); err == nil && got != want {
			t.Fatalf("%q is %q, want %q", escaped, got, want)
		}
		if called := form.Called([]byte(escaped), name); called != (got == name) {
			t.Fatalf("%q, which is %q, is called %q: %v", escaped, got, name, called)
		}
		if !form.Called([]byte(url.QueryEscape(name)), name) {
			t.Fatalf("%q is not called so when it is escaped", name)
		}
	})
}
