package split

import (
	"strings"
	"testing"
)

func FuzzCookie(f *testing.F) {
	for _, s := range []string{"rel=1", "a=b; rel=c;", ";;rel=", " rel = 1", "xrel=1", "rel=1; rel=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, list string) {
		v := string(inList([]byte(list), "rel"))
		if v != "" && (strings.Contains(v, ";") || !strings.Contains(list, "rel="+v)) {
			t.Fatalf("%q: found %q", list, v)
		}
	})
}
