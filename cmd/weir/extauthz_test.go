package main_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestExternalAuthorization asks a real service about real requests, with and
// without their bodies.
func TestExternalAuthorization(t *testing.T) {
	service := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		switch r.Header.Get("Authorization") {
		case "hang":
			<-r.Context().Done()
		case "fail":
			w.WriteHeader(http.StatusInternalServerError)
		case "ann":
			w.Header().Set("X-User", "ann")
			w.Header().Set("X-Asked", fmt.Sprintf("%s %s of %s %s, body %q, partial %q", r.Method, r.URL, r.Header.Get("X-Forwarded-Method"),
				r.Header.Get("X-Forwarded-Uri"), body, r.Header.Get("X-Auth-Partial-Body")))
		default:
			w.Header().Set("Location", "https://login.test/")
			w.Header().Set("X-Internal", "1")
			w.WriteHeader(http.StatusFound)
		}
	}))
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if len(body) > 100 {
			body = fmt.Appendf(nil, "%d bytes", len(body))
		}
		w.Header().Set("X-Seen", fmt.Sprintf("%s|%s|%s", r.Header.Get("X-User"), body, r.Trailer.Get("X-T")))
		w.Header().Set("X-Asked", r.Header.Get("X-Asked"))
	}))
	filter := func(name, cluster, keys string) string {
		onPause := ""
		if strings.Contains(keys, "body") {
			onPause = "on_pause = \"stop_iteration\"\n"
		}
		if !strings.Contains(keys, "timeout") {
			keys += "\ntimeout = \"1m\""
		}
		return fmt.Sprintf("[filters.%s]\nuse = \"extauthz\"\ncalls = [%q]\n%s[filters.%[1]s.config]\ncluster = %[2]q\n"+
			"url = \"http://authz.test/check\"\nupstream_headers = [\"x-user\", \"x-asked\"]\n%[4]s\n[[routes]]\nname = %[1]q\nmatch = { path_prefix = \"/%[1]s\" }\nfilters = [%[1]q]\ncluster = \"up\"\n",
			name, cluster, onPause, keys)
	}
	p := start(t, "run", "-c", write(t, "", "proxy.toml", gateway(up.Addr,
		filter("head", "authz", ""), filter("quick", "authz", "timeout = \"50ms\""), filter("gone", "gone", ""), filter("body", "authz", "body = \"8B\""),
		filter("cut", "authz", "body = \"8B\"\nbody_over = \"cut\""), filter("lax", "gone", "on_failure = \"allow\"\nbody = \"8B\""),
		fmt.Sprintf("[clusters.authz]\nendpoints = [%q]\n[clusters.gone]\nendpoints = [%q]\n", service.Addr, coretest.Refusing(t)), atOnce)))
	at := p.ready().Listen["gateway"][0]
	long := strings.Repeat("0123456789", 10_000)
	chunked := "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n"
	plain := func(body string) string { return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body) }
	for _, c := range []struct {
		path, who, rest string
		status          int
		seen, asked     string
	}{
		{"/head?a=1", "ann", plain("abc"), 200, "ann|abc|", `GET /check of POST /head?a=1, body "", partial ""`},
		{"/head", "ann", plain(long), 200, "ann|100000 bytes|", `GET /check of POST /head, body "", partial ""`},
		{"/head", "nobody", plain("abc"), 302, "", ""},
		{"/head", "fail", plain("abc"), 503, "", ""},
		{"/quick", "hang", plain("abc"), 503, "", ""},
		{"/gone", "ann", plain("abc"), 503, "", ""},
		{"/body", "ann", plain(""), 200, "ann||", `GET /check of POST /body, body "", partial ""`},
		{"/body", "ann", plain("abcdefgh"), 200, "ann|abcdefgh|", `GET /check of POST /body, body "abcdefgh", partial ""`},
		{"/body", "ann", chunked + "\r\n", 200, "ann|abcdef|", `GET /check of POST /body, body "abcdef", partial ""`},
		{"/body", "ann", "Trailer: X-T\r\n" + chunked + "X-T: t\r\n\r\n", 200, "ann|abcdef|t", `GET /check of POST /body, body "abcdef", partial ""`},
		{"/body", "nobody", plain("abc"), 302, "", ""},
		{"/body", "ann", plain("123456789"), 413, "", ""},
		{"/body", "ann", "Transfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n", 413, "", ""},
		{"/cut", "ann", plain("123456789"), 200, "ann|123456789|", `GET /check of POST /cut, body "12345678", partial "true"`},
		{"/cut", "ann", plain(long), 200, "ann|100000 bytes|", `GET /check of POST /cut, body "01234567", partial "true"`},
		{"/lax", "ann", plain("abcdef"), 200, "|abcdef|", ""},
		{"/lax", "ann", chunked + "\r\n", 200, "|abcdef|", ""},
	} {
		conn := coretest.Dial(t, at)
		conn.Send("POST " + c.path + " HTTP/1.1\r\nHost: a\r\nX-User: root\r\nAuthorization: " + c.who + "\r\n" + c.rest)
		r := conn.Read("POST")
		if r.Status != c.status || r.Header.Get("X-Seen") != c.seen || r.Header.Get("X-Asked") != c.asked {
			t.Errorf("%s by %s, %.60q: %d, seen %.80q, asked %q, want %d, %.80q, %q", c.path, c.who, c.rest,
				r.Status, r.Header.Get("X-Seen"), r.Header.Get("X-Asked"), c.status, c.seen, c.asked)
		}
		if r.Header.Get("X-Internal") != "" || r.Status == 302 && r.Header.Get("Location") != "https://login.test/" {
			t.Errorf("%s by %s: %v", c.path, c.who, r.Header)
		}
	}
}
