package edit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/edit"
)

// sameClass says whether two paths are of one class; ok is false where the first is of none.
func sameClass(t testing.TB, words, a, b string) (same, ok bool) {
	var l edit.List
	if err := l.Recall(by(byPath, words)); err != nil {
		t.Skip()
	}
	at := func(path string) *fake {
		return like(func(f *fake) { f.request.Path = []byte(path) })
	}
	if err := l.Remember(at(a), nil, encode(0), nil, 0, 9); errors.Is(err, edit.ErrNoKey) {
		return false, false
	} else if err != nil {
		t.Fatal(err)
	}
	return replayed(&l, at(b), 1, counts{}), true
}

func TestClass(t *testing.T) {
	const words = "orders/Admin/a%20b/v1.2/."
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"/", "/?x", true},
		{"/", "/x", false},
		{"/x", "/y_-~.9", true},
		{"/x", "/x/", false},
		{"/x/", "/y/", true},
		{"/x", "/x/y", false},
		{"/orders/1", "/orders/2?next=/admin", true},
		{"/orders/1", "/Orders/1", false},
		{"/admin", "/x", false},
		{"/admin", "/Admin", false},
		{"/x", "/ADMIN", false},
		{"/a%20b", "/x", false},
		{"/a%20b", "/a%20b", true},
		{"/v1.2", "/v1.3", false},
		{"/v1.1", "/v1.3", true},
		{"/" + strings.Repeat("a", 500), "/b", true},
	} {
		for _, p := range [][2]string{{c.a, c.b}, {c.b, c.a}} {
			if same, ok := sameClass(t, words, p[0], p[1]); !ok || same != c.same {
				t.Errorf("%q and %q: same %v, of a class %v", p[0], p[1], same, ok)
			}
		}
	}
	for _, none := range []string{"", "x", "*", "//", "/a//b", "/..", "/a/../b", "/.a", "/a.", "/%41", "/a;b", "/a b", "/a\x01", "/\x01", "/é", "/a:b", "/a%2fb", "/..?"} {
		if _, ok := sameClass(t, words, none, none); ok {
			t.Errorf("%q is of a class", none)
		}
	}
	if _, ok := sameClass(t, words, "/.", "/."); !ok {
		t.Error("a word is not what a class has")
	}
}

// FuzzClass looks at what filters rely on: paths of one class have the same segments, but
// for plain ones that are no words in any case.
func FuzzClass(f *testing.F) {
	f.Add("orders/new", "/orders/1", "/orders/2")
	f.Add("a", "/A/b/", "/a/b/")
	f.Add("", "/x", "/y?z")
	f.Fuzz(func(t *testing.T, words, a, b string) {
		same, ok := sameClass(t, words, a, b)
		if !ok || !same {
			return
		}
		known := map[string]bool{}
		for w := range strings.SplitSeq(words, "/") {
			known[strings.ToLower(w)] = true
		}
		segments := func(path string) []string {
			path, _, _ = strings.Cut(path, "?")
			return strings.Split(path, "/")
		}
		as, bs := segments(a), segments(b)
		if len(as) != len(bs) {
			t.Fatalf("%q and %q have not as many segments", a, b)
		}
		for i := range as {
			if as[i] == bs[i] {
				continue
			}
			for _, s := range []string{as[i], bs[i]} {
				if known[strings.ToLower(s)] || s == "" || strings.Trim(s, ".") != s || strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-_.~") != "" {
					t.Fatalf("%q and %q: %q is not any plain segment", a, b, s)
				}
			}
		}
	})
}
