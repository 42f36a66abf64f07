package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestErrorAnswers asks for what is not there, in each form.
func TestErrorAnswers(t *testing.T) {
	page := filepath.Join(t.TempDir(), "error.html")
	if err := os.WriteFile(page, []byte("<h1>{status} {title}</h1>{request_id}"), 0o600); err != nil {
		t.Fatal(err)
	}
	module := coretest.Guest(t)
	tables := coretest.Wasm() + coretest.FilterTable("facts", module, "facts") + coretest.FilterTable("mark", module, "marker", `config = { name = "mark" }`)
	toml := coretest.Gateway(coretest.Refusing(t), chained("facts", "mark"), tables, fmt.Sprintf("[errors]\nhtml = %q\n", page), "[trust]\nrequest_id = true\n")
	p := coretest.Proxy(t, toml)
	const json, html = "Accept: application/json", "Accept: text/html,*/*;q=0.8"
	for _, tt := range []struct {
		name         string
		fields       []string
		status       int
		kind, body   string
		notNegotiate bool
	}{
		{"text", nil, 502, "text/plain", "Bad Gateway\n", false},
		{"JSON", []string{json, "X-Request-Id: a"}, 502, "application/problem+json", `{"type":"about:blank","title":"Bad Gateway","status":502,"request_id":"a"}` + "\n", false},
		{"HTML", []string{html, "X-Request-Id: <a>"}, 502, "text/html; charset=utf-8", "<h1>502 Bad Gateway</h1>", false},
		{"a filter's own", []string{json, "X-Reply: mark request_headers"}, 418, "text/plain", "mark in request_headers", true},
		{"a filter's that asks", []string{json, "X-Reply: mark request_headers", "X-Set: weir.error_page=1"}, 418, "application/problem+json", `{"type":"about:blank","title":"I'm a teapot","status":418}` + "\n", false},
		{"gRPC", []string{json, "Content-Type: application/grpc"}, 200, "application/grpc", "", true},
	} {
		r := coretest.Get(t, p.Addr("gateway"), "/", tt.fields...)
		vary := strings.Contains(r.Header.Get("Vary"), "accept")
		if r.Status != tt.status || r.Body != tt.body || r.Header.Get("Content-Type") != tt.kind || vary == tt.notNegotiate || r.Err != nil {
			t.Errorf("%s: %+v", tt.name, r)
		}
	}
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("HEAD / HTTP/1.1\r\nHost: a\r\n" + html + "\r\n\r\n")
	if r := c.Read("HEAD"); r.Status != 502 || r.Header.Get("Content-Length") != "24" || r.Body != "" {
		t.Errorf("HEAD: %+v", r)
	}
	c = coretest.Dial(t, p.Addr("gateway"))
	c.Send("GET / HTTP/1.1\r\nHost: a\r\nHost: <b>\r\n" + html + "\r\n\r\n")
	if r := c.Read("GET"); r.Status != 400 || strings.Contains(r.Body, "<b>") {
		t.Errorf("a bad head: %+v", r)
	}
	p.Write(strings.Replace(toml, "[errors]", "[errors]\nnegotiate = false", 1))
	coretest.Eventually(t, "no error answer is negotiated", func() bool {
		p.Reload(t.Context())
		return coretest.Get(t, p.Addr("gateway"), "/", json).Header.Get("Content-Type") == "text/plain"
	})
}

func TestErrorPagesThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	large := filepath.Join(dir, "large.html")
	if err := os.WriteFile(large, make([]byte, 64<<10+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string]string{
		large:                      "errors.html: the page has 65537 bytes, at most 65536 are taken",
		dir:                        "is not a regular file",
		filepath.Join(dir, "gone"): "no such file",
	} {
		_, err := coretest.Start(t, coretest.Gateway("127.0.0.1:1", fmt.Sprintf("[errors]\nhtml = %q\n", page)), coretest.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", page, err)
		}
	}
}
