package credential

import (
	"strings"
	"testing"
)

func FuzzParameter(f *testing.F) {
	for _, s := range []string{"/?key=1", "/a?b&key=%41&c", "?key=", "/?key", "/?&&key=x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		from, to, ok := parameter([]byte(path), "key", 0)
		if !ok {
			return
		}
		if !strings.HasPrefix(path[from:to], "key=") || strings.ContainsAny(path[from:to], "&#") {
			t.Fatalf("%q: found %q", path, path[from:to])
		}
		unescape(nil, []byte(path[from:to]))
		if rest := string(cut([]byte(path), from, to)); len(rest) >= len(path) {
			t.Fatalf("%q: cutting left %q", path, rest)
		}
	})
}

func FuzzPair(f *testing.F) {
	for _, s := range []string{"key=1", "a=b; key=c;", ";;key=", " key = 1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cookies string) {
		if from, to, ok := pair([]byte(cookies), "key", 0); ok && (!strings.HasPrefix(cookies[from:to], "key=") || strings.Contains(cookies[from:to], ";")) {
			t.Fatalf("%q: found %q", cookies, cookies[from:to])
		}
		if v := string(CookieIn([]byte(cookies), "key")); v != "" && (strings.Contains(v, ";") || !strings.Contains(cookies, "key="+v)) {
			t.Fatalf("%q: found the value %q", cookies, v)
		}
	})
}
