package server_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestSameRequest: what the upstream is sent does not depend on the version
// that the client speaks.
func TestSameRequest(t *testing.T) {
	p := coretest.Proxy(t, coretest.Gateway(coretest.Serve(t, http.HandlerFunc(seen)).Addr))
	one := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	t.Cleanup(one.CloseIdleConnections)
	two := over2(t)
	two.Transport.(*http.Transport).DisableCompression = true
	at := "http://" + p.Addr("gateway")
	for _, o := range []struct {
		name, method, path string
		body               func() io.Reader
		set                func(r *http.Request)
	}{
		{"plain", "GET", "/a?b=c%20d", nil, nil},
		{"HEAD", "HEAD", "/", nil, nil},
		{"OPTIONS", "OPTIONS", "/", nil, nil},
		{"DELETE without a body", "DELETE", "/", nil, nil},
		{"an empty POST", "POST", "/", nil, nil},
		{"a body of known length", "POST", "/", func() io.Reader { return strings.NewReader("hello") }, nil},
		{"a body of unknown length, and trailers", "POST", "/", func() io.Reader { return io.MultiReader(strings.NewReader("hello")) },
			func(r *http.Request) { r.Trailer = http.Header{"X-Sum": {"1"}} }},
		{"TE", "GET", "/", nil, func(r *http.Request) { r.Header.Set("TE", "trailers") }},
		{"a cookie", "GET", "/", nil, func(r *http.Request) { r.Header.Set("Cookie", "a=1; b=2") }},
		{"repeated fields", "GET", "/", nil, func(r *http.Request) { r.Header["X-A"] = []string{"1", "2", ""} }},
		{"another authority", "GET", "/", nil, func(r *http.Request) { r.Host = "example.com:81" }},
		{"credentials of a proxy", "GET", "/", nil, func(r *http.Request) { r.Header.Set("Proxy-Authorization", "x") }},
		{"what a proxy may have said", "GET", "/", nil, func(r *http.Request) {
			r.Header.Set("X-Forwarded-For", "10.0.0.1")
			r.Header.Set("X-Forwarded-Proto", "https")
			r.Header.Set("Via", "1.1 a")
		}},
	} {
		t.Run(o.name, func(t *testing.T) {
			as := func(c *http.Client, major int) string {
				var body io.Reader
				if o.body != nil {
					body = o.body()
				}
				r, err := http.NewRequestWithContext(t.Context(), o.method, at+o.path, body)
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("User-Agent", "same")
				if o.set != nil {
					o.set(r)
				}
				resp, err := c.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				if resp.ProtoMajor != major || resp.StatusCode != 200 {
					t.Errorf("answered %d in %s", resp.StatusCode, resp.Proto)
				}
				return resp.Header.Get("X-Seen")
			}
			if a, b := as(one, 1), as(two, 2); a != b {
				t.Errorf("HTTP/1.1 became %s\nHTTP/2 became   %s", a, b)
			}
		})
	}
}

// seen answers with what the request was, in one line.
func seen(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	line := fmt.Sprintf("%s %s host=%s length=%d coding=%v body=%q trailer=%v",
		r.Method, r.RequestURI, r.Host, r.ContentLength, r.TransferEncoding, body, r.Trailer)
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		if name != "X-Request-Id" { // each has its own
			line += fmt.Sprintf(" %s=%q", name, r.Header[name])
		}
	}
	w.Header().Set("X-Seen", line)
}
