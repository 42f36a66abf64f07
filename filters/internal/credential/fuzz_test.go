package credential

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// FuzzParameter sees to it that what net/url takes for the key is found, and nothing
// else of the path is.
func FuzzParameter(f *testing.F) {
	for _, s := range []string{"/?key=1", "/a?b&key=%41&c", "?key=", "/?key", "/?&&key=x", "/?k%65y=1", "/?%6bey=1&key=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		from, value, to, ok := parameter([]byte(path), "key", 0)
		if !ok {
			_, query, _ := strings.Cut(path, "?")
			if q, err := url.ParseQuery(query); err == nil && !strings.Contains(query, "#") && strings.Join(q["key"], "") != "" {
				t.Fatalf("%q: nothing is found, but %q is there", path, q["key"])
			}
			return
		}
		if name, err := url.QueryUnescape(path[from : value-1]); err != nil || name != "key" || value >= to || strings.ContainsAny(path[from:to], "&#") {
			t.Fatalf("%q: found %q, its value %q", path, path[from:to], path[value:to])
		}
		if rest := string(cut([]byte(path), from, to)); len(rest) >= len(path) {
			t.Fatalf("%q: cutting left %q", path, rest)
		}
	})
}

// FuzzPair sees to it that a cookie which net/http takes is found, and one alone.
func FuzzPair(f *testing.F) {
	for _, s := range []string{"key=1", "a=b; key=c;", ";;key=", " key = 1", "\tkey\t=\t1\t", "key==; key=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cookies string) {
		begin, value, to, ok := pair([]byte(cookies), "key", 0)
		if ok && (!strings.HasPrefix(cookies[begin:], "key") || value >= to || strings.Contains(cookies[begin:to], ";") ||
			strings.Trim(cookies[value:to], blanks) != cookies[value:to]) {
			t.Fatalf("%q: found %q, its value %q", cookies, cookies[begin:to], cookies[value:to])
		}
		if v := string(CookieIn([]byte(cookies), "key")); ok && v != cookies[value:to] {
			t.Fatalf("%q: found the value %q", cookies, v)
		}
		if parsed, err := http.ParseCookie(cookies); err == nil && !ok && !strings.ContainsAny(cookies, "\r\n") {
			for _, c := range parsed {
				if c.Name == "key" && c.Value != "" {
					t.Fatalf("%q: nothing is found, but %q is there", cookies, c.Value)
				}
			}
		}
	})
}
