package authz

import (
	"net/netip"
	"strings"
	"testing"
)

// FuzzPattern compares with a plain reading of patterns, segment by segment.
func FuzzPattern(f *testing.F) {
	for _, s := range [][2]string{
		{"/a/*/c", "/a/b/c"}, {"/a/**", "/a"}, {"/**", "/"}, {"/a/{id}", "/a/"}, {"/", "/"}, {"/a/", "/a"}, {"/*/**", "/x"}, {"/a//b", "/a//b"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		p, err := parsePath(text)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without a word")
			}
			return
		}
		if strings.ContainsAny(path, oneSegment+subtree) || path == "" || path[0] != '/' {
			matches([]byte(p.fixed), []byte(p.rest), []byte(path))
			return
		}
		if got, want := matches([]byte(p.fixed), []byte(p.rest), []byte(path)), plainly(text, path); got != want {
			t.Fatalf("%q matches %q: %v, want %v", text, path, got, want)
		}
	})
}

// plainly is what a pattern means.
func plainly(text, path string) bool {
	want, got := strings.Split(text[1:], "/"), strings.Split(path[1:], "/")
	for i, w := range want {
		switch {
		case w == "**":
			return true
		case i == len(got):
			return false
		case w == "*" || len(w) > 2 && w[0] == '{':
			if got[i] == "" {
				return false
			}
		case w != got[i]:
			return false
		}
		if i == len(got)-1 && i+1 < len(want) && want[i+1] == "**" {
			return true
		}
	}
	return len(got) == len(want)
}

// FuzzPeer sees to it that a pattern's own text matches where it has no
// wildcard, and that nothing of another trust domain ever does.
func FuzzPeer(f *testing.F) {
	f.Add("spiffe://example.org/a/*", "spiffe://example.org/a/b")
	f.Add("spiffe://example.org/**", "spiffe://example.com/a")
	f.Fuzz(func(t *testing.T, text, id string) {
		valid := validID([]byte(id))
		p, err := parsePeer(text)
		if err != nil {
			return
		}
		if p.rest == "" && !validID([]byte(text)) && len(text) <= 2048 {
			t.Fatalf("%q is a pattern and no ID", text)
		}
		if !valid || !matches([]byte(p.fixed), []byte(p.rest), []byte(id)) {
			return
		}
		a, _, _ := cutID(text)
		if b, _, _ := cutID(id); a != b {
			t.Fatalf("%q matches %q of another trust domain", text, id)
		}
	})
}

// FuzzList reads any claim as a list.
func FuzzList(f *testing.F) {
	for _, s := range []string{`["a"]`, `[ "b" , "a" ]`, `[]`, `[1,"a"]`, `["\"a"]`, `["a",]`, `[`} {
		f.Add(s)
	}
	r := &rules{}
	c := r.compile(&parsedCondition{kind: ofClaim, values: []parsedValue{{exact, pattern{fixed: "a"}}}})
	f.Fuzz(func(t *testing.T, list string) {
		if found, whole := r.listed(&c, []byte(list)); found && whole && !strings.Contains(list, `"a"`) {
			t.Fatalf("%q has no a", list)
		}
	})
}

// FuzzNetwork compares with net/netip.
func FuzzNetwork(f *testing.F) {
	f.Add("10.0.0.0/8", "10.1.2.3")
	f.Add("2001:db8::/32", "2001:db8::1")
	f.Add("::/0", "1.2.3.4")
	f.Add("192.0.2.1", "::ffff:192.0.2.1")
	f.Fuzz(func(t *testing.T, text, address string) {
		n, ok := parseNetwork(text)
		a, err := netip.ParseAddr(address)
		if !ok || err != nil {
			return
		}
		if !strings.Contains(text, "/") {
			text = netip.PrefixFrom(netip.MustParseAddr(text), netip.MustParseAddr(text).BitLen()).String()
		}
		one := networkOf(a.Unmap())
		if got, want := n.has(&one), netip.MustParsePrefix(text).Contains(a.Unmap().WithZone("")); got != want {
			t.Fatalf("%s has %s: %v, want %v", text, address, got, want)
		}
	})
}
