package prefix_test

import (
	"testing"

	"github.com/weirproxy/weir/filters/internal/prefix"
)

func TestAppend(t *testing.T) {
	for _, tt := range []struct {
		from, to, path, want string
		changed              bool
	}{
		{"/a", "", "/a/b", "/b", true},
		{"/a", "", "/a", "/", true},
		{"/a", "", "/ab", "/ab", false},
		{"/a/", "", "/a/b", "/b", true},
		{"/a", "/x", "/a", "/x", true},
		{"/a", "/x/", "/a/b", "/x/b", true},
		{"/a/", "/x", "/a/b", "/x/b", true},
		{"/", "/x", "/b", "/x/b", true},
		{"/a", "/x", "/", "/", false},
		{"", "/x", "/a", "/a", false},
		{"/a", "/x", "", "", false},
	} {
		c := prefix.Change{From: tt.from, To: tt.to}
		got, changed := c.Append([]byte("before"), []byte(tt.path))
		if string(got) != "before"+tt.want || changed != tt.changed {
			t.Errorf("%q for %q in %q: %q %t, want %q %t", tt.to, tt.from, tt.path, got, changed, tt.want, tt.changed)
		}
	}
}
