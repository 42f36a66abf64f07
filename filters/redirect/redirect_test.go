package redirect_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/weirproxy/weir/filters/filtertest"
	_ "github.com/weirproxy/weir/filters/redirect"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "redirect", "testdata") }

func TestOtherHosts(t *testing.T) {
	h, ok := sdktest.Start(t, "redirect", sdktest.Options{Config: `{"regex":{"pattern":"a","replace":"b"}}`, Elsewhere: true})
	if ok || !strings.Contains(h.Logs()[0], "needs weir.regex, which only Weir has") {
		t.Errorf("taken: %v; log %q", ok, h.Logs())
	}
	h, ok = sdktest.Start(t, "redirect", sdktest.Options{Config: `{"path":"/b"}`, Elsewhere: true})
	if s := h.Stream(sdktest.Request{Path: "/a"}); !ok || s.Downstream().Get("location") != "/b" {
		t.Errorf("no redirection elsewhere; log %q", h.Logs())
	}
}

// FuzzLocation looks for requests that lead a browser to another host.
func FuzzLocation(f *testing.F) {
	for _, s := range [][2]string{{"a.test", "/x?y"}, {"a.test:80", "//evil"}, {"a@b", `/old/\evil`}, {"[::1]:8", "/old//evil\t"}, {"a.test", "/old"}} {
		f.Add(s[0], s[1])
	}
	configs := []string{`{"strip_prefix":"/old"}`, `{"scheme":"https"}`, `{"host":"b.test"}`, `{"regex":{"pattern":"^/old(.*)$","replace":"$1"}}`, `{"port":99,"query":"drop"}`}
	f.Fuzz(func(t *testing.T, authority, path string) {
		if authority == "" || path == "" {
			return
		}
		for i, config := range configs {
			s := sdktest.New(t, "redirect", config).Stream(sdktest.Request{Authority: authority, Path: path})
			if s.Local() && s.Details() == "redirect" {
				check(t, i, authority, s.Downstream().Get("location"))
			}
			s.Finish()
		}
	})
}

func check(t *testing.T, config int, authority, location string) {
	for _, c := range []byte(location) {
		if c <= ' ' || c >= 0x7f || c == '\\' {
			t.Fatalf("%q has the byte %#x", location, c)
		}
	}
	if strings.HasPrefix(location, "//") {
		t.Fatalf("%q is another host to a browser", location)
	}
	u, err := url.Parse("http://origin.test/")
	if err != nil {
		t.Fatal(err)
	}
	rest := location
	if i := strings.Index(location, "://"); config != 0 && config != 3 && i >= 0 {
		origin, _, _ := strings.Cut(location[i+3:], "/")
		host, _, _ := strings.Cut(origin, ":")
		if config == 2 && origin != "b.test" || config != 2 && !strings.HasPrefix(strings.ToLower(authority), strings.ToLower(host)) {
			t.Fatalf("%q leads from %q to %q", location, authority, origin)
		}
		rest = location[i+3+len(origin):]
	}
	if !strings.HasPrefix(rest, "/") {
		t.Fatalf("%q has no path", location)
	}
	if to, err := u.Parse(location); err == nil && (config == 0 || config == 3) && to.Host != "origin.test" {
		t.Fatalf("%q leads to %q", location, to.Host)
	}
}
