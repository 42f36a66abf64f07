package spiffe_test

import (
	"strings"
	"testing"

	"github.com/spiffe/go-spiffe/v2/spiffeid"

	"github.com/weirproxy/weir/core/identity/spiffe"
)

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"spiffe://a.test/web", []string{"/web"}, []string{"/we", "/webs", "/web/x", "/WEB"}},
		{"spiffe://a.test/shop/*", []string{"/shop/a", "/shop/a/b"}, []string{"/shop", "/shops/a", "/x/shop/a"}},
		{"spiffe://a.test/*", []string{"/web", "/shop/a"}, nil},
	} {
		p, err := spiffe.Parse(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if p.String() != c.pattern {
			t.Errorf("%q is written %q", c.pattern, p)
		}
		for _, path := range c.yes {
			if !p.Matches(spiffeid.RequireFromString("spiffe://a.test" + path)) {
				t.Errorf("%s does not match %s", c.pattern, path)
			}
			if p.Matches(spiffeid.RequireFromString("spiffe://b.test" + path)) {
				t.Errorf("%s matches another trust domain", c.pattern)
			}
		}
		for _, path := range c.no {
			if p.Matches(spiffeid.RequireFromString("spiffe://a.test" + path)) {
				t.Errorf("%s matches %s", c.pattern, path)
			}
		}
		if p.Matches(spiffeid.ID{}) || p.Matches(spiffeid.RequireFromString("spiffe://a.test")) {
			t.Errorf("%s matches what nobody is", c.pattern)
		}
	}
}

func TestBadPatterns(t *testing.T) {
	for pattern, says := range map[string]string{
		"":                         "cannot be empty",
		"a.test/web":               "scheme",
		"spiffe://a.test":          "trust domain, which nobody is",
		"spiffe:///web":            "trust domain is missing",
		"spiffe://*/web":           "trust domain characters",
		"spiffe://a.test/*/web":    "path segment characters",
		"spiffe://a.test/web*":     "path segment characters",
		"spiffe://a.test/web/":     "trailing slash",
		"spiffe://a.test//*":       "trailing slash",
		"spiffe://a.test/../x":     "dot segments",
		"spiffe://A.test/web":      "trust domain characters",
		"spiffe://a.test:80/web":   "trust domain characters",
		"https://a.test/web":       "scheme",
		"spiffe://a.test/web?x=*":  "path segment characters",
		"spiffe://u@a.test/web/*":  "trust domain characters",
		"spiffe://a.test/%2e%2e/*": "path segment characters",
	} {
		if _, err := spiffe.Parse(pattern); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %q", pattern, err, says)
		}
	}
}

// FuzzParse: a pattern is written as it was read, and matches nothing of another
// trust domain.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"spiffe://a.test/web", "spiffe://a.test/*", "spiffe://a.test/x/*", "*", "spiffe://"} {
		f.Add(s)
	}
	stranger := spiffeid.RequireFromString("spiffe://stranger.test/web")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := spiffe.Parse(s)
		if err != nil {
			return
		}
		if p.String() != s {
			t.Errorf("%q is written %q", s, p)
		}
		if p.Matches(stranger) && !strings.HasPrefix(s, "spiffe://stranger.test/") {
			t.Errorf("%q matches %s", s, stranger)
		}
	})
}
