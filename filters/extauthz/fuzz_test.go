package extauthz_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/sdk/sdktest"
)

// FuzzAnswers brings any answer: only a status of 200 to 299 lets a request
// through, and never with the client's own header in the service's name.
func FuzzAnswers(f *testing.F) {
	f.Add(200, "x-user", "ann", "body")
	f.Add(302, "location", "/\r\nx: y", "")
	f.Add(0, "", "", "")
	f.Add(403, "content-length", "5", "x")
	f.Fuzz(func(t *testing.T, status int, name, value, body string) {
		h, ok := sdktest.Start(t, "extauthz", sdktest.Options{
			Config: `{"cluster":"authz","url":"http://authz.internal/","upstream_headers":["x-user"],"client_headers":["location","x-user"]}`, Calls: []string{"authz"},
		})
		if !ok {
			t.Fatal(h.Logs())
		}
		if status < 0 || status > 999 {
			return // no parser takes it
		}
		s := h.Stream(sdktest.Request{Headers: sdktest.H("x-user", "root")})
		h.Calls()[0].Answer(sdktest.Response{Status: status, Headers: sdktest.H(strings.ToLower(name), value), Body: body})
		if passed := status >= 200 && status < 300 || status == 0; s.Upstream().Passed() && !passed || s.Upstream().Get("x-user") == "root" {
			t.Fatalf("status %d: passed %v, user %q", status, s.Upstream().Passed(), s.Upstream().Get("x-user"))
		}
		if !s.Upstream().Passed() && !s.Local() {
			t.Fatalf("status %d: the request waits for ever", status)
		}
	})
}
