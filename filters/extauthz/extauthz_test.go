package extauthz_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/weirproxy/weir/filters/extauthz"
	"github.com/weirproxy/weir/filters/filtertest"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/sdktest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "extauthz", "testdata") }

// start configures a filter: keys are further ones, as JSON.
func start(t *testing.T, keys string) *sdktest.Host {
	t.Helper()
	h, ok := sdktest.Start(t, "extauthz", sdktest.Options{
		Config: `{"cluster":"authz","url":"http://authz.internal/check"` + keys + `}`, Calls: []string{"authz"},
		Properties: map[string]string{"weir.client_ip": "192.0.2.7"},
	})
	if !ok {
		t.Fatal(h.Logs())
	}
	return h
}

// asked is a question as text.
func asked(c *sdktest.Call) string {
	var list []string
	for _, f := range c.Headers {
		list = append(list, f.Name+"="+f.Value)
	}
	return fmt.Sprint(c.Cluster, " ", c.Timeout, " ", strings.Join(list, " "))
}

var client = sdktest.Request{
	Method: "POST", Path: "/orders?a=1", Authority: "shop.example", Scheme: "https",
	Headers: sdktest.H("authorization", "x", "cookie", "a=1", "cookie", "b=2", "x-forwarded-uri", "/forged", "x-user", "root", "te", "trailers"),
}

func TestQuestions(t *testing.T) {
	const forwarded = "x-forwarded-method=POST x-forwarded-proto=https x-forwarded-host=shop.example x-forwarded-uri=/orders?a=1 x-forwarded-for=192.0.2.7 "
	for keys, want := range map[string]string{
		"": "authz 1s :method=GET :path=/check :authority=authz.internal :scheme=http " + forwarded + "authorization=x cookie=a=1 cookie=b=2",
		`,"forwarded":false,"path":"append","host":"client","method":"same","timeout":"50ms","request_headers":["X-User"]`: "authz 50ms :method=POST :path=/check/orders?a=1 :authority=shop.example :scheme=http x-user=root",
		`,"request_headers":["*"]`: "authz 1s :method=GET :path=/check :authority=authz.internal :scheme=http " + forwarded + "authorization=x cookie=a=1 cookie=b=2 x-user=root",
		`,"forwarded":false,"request_headers":["*"],"headers":{"X-User":"{client_ip}","x-none":"{header:none}","x-fix":"y"}`: "authz 1s :method=GET :path=/check :authority=authz.internal :scheme=http x-user=192.0.2.7 x-fix=y authorization=x cookie=a=1 cookie=b=2 x-forwarded-uri=/forged",
	} {
		h := start(t, keys)
		h.Stream(client)
		if got := asked(h.Calls()[0]); got != want {
			t.Errorf("%s\n got %s\nwant %s", keys, got, want)
		}
	}
}

func TestAllowed(t *testing.T) {
	for _, status := range []int{200, 204, 299} {
		h := start(t, `,"upstream_headers":["x-user","x-tenant"],"identity":"x-user"`)
		r := client
		r.Headers = append(slices.Clone(r.Headers), sdk.Field{Name: "x-tenant", Value: "forged"})
		s := h.Stream(r)
		h.Calls()[0].Answer(sdktest.Response{Status: status, Headers: sdktest.H("x-user", "ann", "x-other", "1"), Body: "ignored"})
		up := s.Upstream()
		if !up.Passed() || up.Get("x-user") != "ann" || up.Get("x-tenant") != "" || up.Get("x-other") != "" || up.Get("authorization") != "x" {
			t.Errorf("%d: the upstream sees %v, details %q", status, up.Headers(), s.Details())
		}
		if v, _ := s.Property("weir.identity"); v != "ann" {
			t.Errorf("the identity is %q", v)
		}
	}
}

func TestDenied(t *testing.T) {
	for _, c := range []struct {
		keys   string
		answer sdktest.Response
		want   string
	}{
		{"", sdktest.Response{Status: 401, Headers: sdktest.H("www-authenticate", "Bearer", "x-internal", "1", "content-type", "application/json"), Body: "{}"},
			"401 www-authenticate=Bearer content-type=application/json {}"},
		{"", sdktest.Response{Status: 302, Headers: sdktest.H("location", "/login", "set-cookie", "a=1", "set-cookie", "b=2", "content-type", "text/html")},
			"302 location=/login set-cookie=a=1 set-cookie=b=2 "},
		{`,"client_headers":["x-why"]`, sdktest.Response{Status: 429, Headers: sdktest.H("retry-after", "5", "x-why", "quota"), Body: "no"},
			"429 x-why=quota content-type=text/plain no"},
		{`,"answer_body":"4B"`, sdktest.Response{Status: 403, Headers: sdktest.H("content-type", "text/html"), Body: "longer"}, "403 "},
		{"", sdktest.Response{Status: 499}, "499 "},
	} {
		h := start(t, c.keys)
		s := h.Stream(client)
		h.Calls()[0].Answer(c.answer)
		down := s.Downstream()
		got := down.Get(":status") + " "
		for _, f := range down.Headers() {
			if f.Name[0] != ':' && f.Name != "content-length" {
				got += f.Name + "=" + f.Value + " "
			}
		}
		if got += string(down.Body); got != c.want || s.Details() != "extauthz_denied" || s.Upstream().Passed() {
			t.Errorf("%s\n got %s (%s)\nwant %s", c.keys, got, s.Details(), c.want)
		}
	}
}

func TestFailures(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{"", "503 extauthz_unavailable"}, {`,"failure_status":403`, "403 extauthz_unavailable"}, {`,"on_failure":"allow","upstream_headers":["x-user"]`, "passed"},
	} {
		for what, answer := range map[string]func(*sdktest.Call){
			"500":    func(c *sdktest.Call) { c.Answer(sdktest.Response{Status: 500, Body: "internal"}) },
			"504":    func(c *sdktest.Call) { c.Answer(sdktest.Response{Status: 504}) },
			"broken": func(c *sdktest.Call) { c.Fail() },
			"none":   func(c *sdktest.Call) { c.Answer(sdktest.Response{Status: 101}) },
		} {
			h := start(t, c.keys)
			s := h.Stream(client)
			answer(h.Calls()[0])
			got := s.Downstream().Get(":status") + " " + s.Details()
			if s.Upstream().Passed() {
				got = "passed"
			}
			if got != c.want || s.Upstream().Get("x-user") != "" {
				t.Errorf("%s, %s: %s, the upstream sees user %q", c.keys, what, got, s.Upstream().Get("x-user"))
			}
		}
	}
}

func TestClientsThatGo(t *testing.T) {
	h := start(t, "")
	h.Stream(client).Finish()
	h.Calls()[0].Answer(sdktest.Response{})
	h.Advance(time.Second)
	if s := h.Stream(client); len(h.Calls()) != 1 || s.Local() {
		t.Error("the next request is not asked about")
	}
}

func TestRefusedByTheFiltersTable(t *testing.T) {
	for want, o := range map[string]sdktest.Options{
		`body: is not asked for`: {Config: `{"cluster":"a","url":"http://a/"}`, Properties: map[string]string{"weir.on_pause": "stop_iteration"}},
		`on_failure: cannot be "allow" in a filter with security = true`: {Config: `{"cluster":"a","url":"http://a/","on_failure":"allow"}`, Properties: map[string]string{"weir.security": sdktest.Int(1)}},
		`body: needs on_pause = "stop_iteration"`:                        {Config: `{"cluster":"a","url":"http://a/","body":"1KiB"}`, Properties: map[string]string{"weir.on_pause": "stop_all"}},
	} {
		if h, ok := sdktest.Start(t, "extauthz", o); ok || !strings.Contains(fmt.Sprint(h.Logs()), want) {
			t.Errorf("taken: %v, log %q, want %s", ok, h.Logs(), want)
		}
	}
}
