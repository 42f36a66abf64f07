package route_test

import (
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/route"
	"github.com/weirproxy/weir/core/stream"
)

// TestGuardingConditions: who guards sees what an upstream could read as a path that
// is guarded, and plain paths as always.
func TestGuardingConditions(t *testing.T) {
	open, admin := &config.Match{PathPrefix: "/open"}, &config.Match{PathPrefix: "/admin"}
	post := &config.Match{PathPrefix: "/admin", Methods: []string{"POST"}}
	css := &config.Match{PathRegex: `/.*\.css`}
	id := &config.Match{PathTemplate: "/open/{id}"}
	reads := &config.Match{Methods: []string{"GET"}}
	for _, tt := range []struct {
		when, unless *config.Match
		request      string
		want         bool
	}{
		{nil, open, "/open", false},
		{nil, open, "/open/a.b/c%20d?x=/../;", false},
		{nil, open, "/open/.b/..c", false},
		{nil, open, "/open/%C3%A9", false},
		{nil, open, "/open/a;v=1/b", false}, // with and without it, it is below
		{nil, open, "/open;v=1/b", true},
		{nil, open, "/other", true},
		{nil, open, "/open/..;/x", true},
		{nil, open, "/open/..;a=b/x", true},
		{nil, open, "/open/.;/x", true},
		{nil, open, "/open/..%3B/x", true},
		{nil, open, "/open/;x/..", true},
		{nil, open, "/open/a;x=%2F..%2F..", true},
		{nil, open, "/open/%2e%2e/x", true},
		{nil, open, "/open/..%2fx", true},
		{nil, open, "/open/..%5Cx", true},
		{nil, open, `/open/..\x`, true},
		{nil, open, "/open/%252e%252e/x", true},
		{nil, open, "/open//x", true},
		{nil, open, "/open/x.", true},
		{nil, open, "/open/x./y", true},
		{nil, open, "/open/...", true},
		{nil, open, "/open/x%20/y", true},
		{nil, open, "/open/x%20", true},
		{nil, open, "/open/x%20y", false},
		{nil, open, "/open/50%25", false},
		{nil, css, "/a/b.css", false},
		{nil, css, "/admin;.css", true},
		{nil, css, "/admin%3B.css", true},
		{nil, id, "/open/7;v=1", false},
		{nil, id, "/open/7", false},
		{nil, reads, "/open/..;/x", false}, // no path is asked for
		{reads, open, "POST /open/..;/x", false},
		{admin, nil, "/admin/x", true},
		{admin, nil, "/other", false},
		{admin, nil, "/other;v=1", false},
		{admin, nil, "/admin;v=1/x", true},
		{admin, nil, "/admin%3bv/x", true},
		{admin, nil, "/x/..;/admin", true},
		{admin, nil, "/x/..;/y", true}, // nobody knows
		{admin, nil, "/x%2f..%2fadmin", true},
		{admin, nil, "*", false},
		{post, nil, "POST /x/..;/admin", true},
		{post, nil, "/x/..;/admin", false}, // a GET is not guarded wherever it goes
		{admin, open, "/x/..;/admin", true},
	} {
		c, err := route.NewCondition(tt.when, tt.unless, true)
		if err != nil {
			t.Fatal(err)
		}
		h := request(tt.request)
		if got := c.Meets(h); got != tt.want {
			t.Errorf("when %+v unless %+v: %s: %t", tt.when, tt.unless, tt.request, got)
		}
	}
}

// upstreams are how servers find the resource of a path.
var upstreams = map[string]func(string) string{
	"as it is":                    func(p string) string { return p },
	"resolving":                   path.Clean,
	"decoding, then resolving":    func(p string) string { return path.Clean(decoded(p)) },
	"cutting, then resolving":     func(p string) string { return path.Clean(withoutParameters(p)) },
	"cutting, decoding (servlet)": func(p string) string { return path.Clean(decoded(withoutParameters(p))) },
	"decoding, cutting":           func(p string) string { return path.Clean(withoutParameters(decoded(p))) },
	"decoding twice":              func(p string) string { return path.Clean(decoded(decoded(p))) },
	"with backslashes":            func(p string) string { return path.Clean(strings.ReplaceAll(decoded(p), `\`, "/")) },
	"of files that end in no dot": func(p string) string {
		parts := strings.Split(path.Clean(decoded(p)), "/")
		for i := range parts {
			parts[i] = strings.TrimRight(parts[i], ". ")
		}
		return strings.Join(parts, "/")
	},
}

func decoded(p string) string {
	if d, err := url.PathUnescape(p); err == nil {
		return d
	}
	return p
}

func withoutParameters(p string) string {
	parts := strings.Split(p, "/")
	for i := range parts {
		parts[i], _, _ = strings.Cut(parts[i], ";")
	}
	return strings.Join(parts, "/")
}

func below(p, prefix string) bool { return p == prefix || strings.HasPrefix(p, prefix+"/") }

// FuzzGuardingConditions: whoever reads a path, a filter that is to see a prefix sees
// it, and one that is to leave out a prefix alone leaves out nothing else.
func FuzzGuardingConditions(f *testing.F) {
	for _, s := range []string{"/a", "/a/b", "/b", "/b/..;/a", "/a;x/b", "/b/%2e%2e/a", "/b/..%2fa", `/b/..\a`, "/b/%252e%252e/a", "/a./b", "/%61", "/b//../a", "/a%3bx", "/a%20"} {
		f.Add(s)
	}
	prefix := &config.Match{PathPrefix: "/a"}
	when, _ := route.NewCondition(prefix, nil, true)
	unless, _ := route.NewCondition(nil, prefix, true)
	f.Fuzz(func(t *testing.T, target string) {
		if !strings.HasPrefix(target, "/") || strings.Contains(target, "?") {
			t.Skip()
		}
		h := &stream.RequestHead{Method: []byte("GET"), Path: []byte(target)}
		for name, reads := range upstreams {
			got := reads(target)
			if below(got, "/a") && !when.Meets(h) {
				t.Errorf("%s, %q is %q, and nobody guards it", name, target, got)
			}
			if !below(got, "/a") && !unless.Meets(h) {
				t.Errorf("%s, %q is %q, and passes as what is open", name, target, got)
			}
		}
	})
}

func BenchmarkGuardingConditions(b *testing.B) {
	open := &config.Match{PathPrefix: "/open"}
	for name, tt := range map[string]struct {
		guard bool
		path  string
	}{
		"any filter":           {false, "/api/v1/orders/4711/items"},
		"guarding, plain":      {true, "/api/v1/orders/4711/items"},
		"guarding, parameters": {true, "/api/v1/orders;v=1/4711/items"},
	} {
		b.Run(name, func(b *testing.B) {
			c, _ := route.NewCondition(nil, open, tt.guard)
			h := request(tt.path)
			b.ReportAllocs()
			for b.Loop() {
				c.Meets(h)
			}
		})
	}
}
