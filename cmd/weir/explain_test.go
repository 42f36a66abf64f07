package main_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const shop = "testdata/explain/shop.toml"

// TestExplain asks about requests of the example and of a file in which every
// way to steer one is used.
func TestExplain(t *testing.T) {
	const example, api = "../../proxy.toml", "http://api.example.com"
	for _, c := range []struct {
		golden string
		args   []string
	}{
		{"private-denied", []string{"-c", example, "http://localhost:8080/a/../private/x"}},
		{"private-allowed", []string{"-c", example, "http://localhost:8080/private", "-H", "x-api-key: demo-key-of-the-example", "--response", "200"}},
		{"outbound", []string{"-c", example, "--role", "sidecar", "--on", "outbound", "http://demo.internal/"}},
		{"filter-chooses", []string{"-c", shop, api + "/orders/7", "-H", "x-version: next", "-H", "x-user: ann"}},
		{"hashed", []string{"-c", shop, api + "/orders/7", "-H", "x-user: ann"}},
		{"call-fails", []string{"-c", shop, api + "/orders", "-d", `{"a":1}`}},
		{"call-answered", []string{"-c", shop, api + "/orders", "-d", `{"a":1}`, "--answer", "auth=200"}},
		{"condition", []string{"-c", shop, "-X", "POST", api + "/orders", "-H", "x-token: abcdefgh"}},
		{"read-otherwise", []string{"-c", "testdata/explain/guarded.toml", "http://guarded.test/open/..;/x"}},
		{"underscores", []string{"-c", example, "http://localhost:8080/private", "-H", "X_Api_Key: demo-key-of-the-example"}},
		{"mirrored", []string{"-c", shop, "http://x.example.com/orders"}},
		{"secrets", []string{"-c", shop, api + "/api/x?api_key=s3cr3t99&b=1", "-H", "authorization: Bearer tok-123456789"}},
		{"secrets-shown", []string{"-c", shop, api + "/api/x?api_key=s3cr3t99&b=1", "-H", "authorization: Bearer tok-123456789", "--show-secrets"}},
		{"secrets-json", []string{"-c", shop, "--json", api + "/api/x?api_key=s3cr3t99&b=1", "-H", "authorization: Bearer tok-123456789", "-H", "cookie: sid=cookie-secret"}},
		{"matched-again", []string{"-c", shop, api + "/old/12"}},
		{"lost", []string{"-c", shop, api + "/lost/12"}},
		{"slow", []string{"-c", shop, api + "/slow"}},
		{"late", []string{"-c", shop, api + "/late"}},
		{"no-route", []string{"-c", shop, "http://nobody.test/"}},
		{"no-normal-form", []string{"-c", shop, api + "/a%2fb"}},
		{"too-long", []string{"-c", shop, api + "/orders", "-d", strings.Repeat("x", 1025)}},
		{"peer-allowed", []string{"-c", shop, "--role", "sidecar", "--on", "inbound", "http://app/x", "--peer", "spiffe://example.org/web"}},
		{"peer-denied", []string{"-c", shop, "--role", "sidecar", "--on", "inbound", "http://app/x", "--peer", "spiffe://example.org/evil"}},
	} {
		t.Run(c.golden, func(t *testing.T) {
			p := start(t, append([]string{"explain"}, c.args...)...)
			if code := p.waitFor(compiling); code != 0 || p.log.String() != "" {
				t.Errorf("exit code %d, standard error %q", code, &p.log)
			}
			got := steadyExplained(p.out.String())
			golden(t, "explain/"+c.golden, got)
			if strings.HasPrefix(c.golden, "secrets") && c.golden != "secrets-shown" {
				for _, word := range []string{"s3cr3t99", "tok-123456789", "cookie-secret"} {
					if strings.Contains(got, word) {
						t.Errorf("%q is told", word)
					}
				}
			}
		})
	}
}

var (
	uuids = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	spent = regexp.MustCompile(`  \S+ of CPU\n|"cpu_ns": \d+`)
)

// steadyExplained is an explanation without what differs each time.
func steadyExplained(text string) string {
	return spent.ReplaceAllStringFunc(uuids.ReplaceAllString(text, "UUID"), func(s string) string {
		if strings.HasPrefix(s, `"`) {
			return `"cpu_ns": 0`
		}
		return "  SOME of CPU\n"
	})
}

// TestExplainNotUnderstood: everything that is wrong with a question is told, by 2.
func TestExplainNotUnderstood(t *testing.T) {
	for _, c := range []struct {
		code int
		args []string
		says []string
	}{
		{2, []string{"/orders"}, []string{`write it with its scheme and host`}},
		{2, []string{"http://h/", "-H", "bad", "--answer", "x"}, []string{`-H "bad"`, `--answer "x"`}},
		{2, []string{"http://h/", "-d", "@" + filepath.Join(t.TempDir(), "none")}, []string{"--data: open"}},
		{2, []string{"http://u:p@h/"}, []string{"a field authorization"}},
		{2, []string{"http://h/#x"}, []string{"a fragment is never sent"}},
		{2, []string{"http://h/\x1b[31m"}, []string{"escape what is not printable"}},
		{2, []string{"http://h/", "-X", "CONNECT", "-H", "te: x", "--client", "1.2.3", "--peer", "web", "--response", "99", "--on", "inbound"},
			[]string{"CONNECT", `"te"`, `"1.2.3"`, `"web"`, "99", `"inbound"`}},
		{2, []string{"http://h/", "--admin", "127.0.0.1:1", "--show-secrets"}, []string{"tells no secrets"}},
		{2, []string{"http://h/", "--admin", "a b"}, []string{`--admin "a b"`}},
		{1, []string{"http://h/", "--admin", "unix:/nowhere.sock"}, []string{"/nowhere.sock", "does it run"}},
		{2, []string{"http://h/", "--role", "none"}, []string{`invalid argument "none" for "--role" flag`}},
	} {
		p := start(t, append([]string{"explain", "-c", "../../proxy.toml"}, c.args...)...)
		if code := p.wait(); code != c.code || p.out.String() != "" {
			t.Errorf("%q: exit code %d, standard output %q", c.args, code, &p.out)
		}
		for _, words := range c.says {
			if !strings.Contains(p.log.String(), words) {
				t.Errorf("%q: %q says nothing of %q", c.args, p.log.String(), words)
			}
		}
	}
}

// TestExplainRunning asks a process, twice, which leaves no trace in it.
func TestExplainRunning(t *testing.T) {
	text, err := os.ReadFile(shop)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "proxy.toml")
	text = append([]byte(strings.NewReplacer(`role = "gateway+sidecar"`, `role = "gateway"`, "[admin]", "[gateway]\nlisten = [\"127.0.0.1:0\"]\n[admin]",
		"discover.dns = \"found.internal:8080\"", "endpoints = [\"127.0.0.1:9401\"]").Replace(string(text))), '\n')
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	ready := start(t, "run", "-c", file).ready()
	admin := ready.Admin
	before := numbers(t, admin)
	for range 2 {
		p := start(t, "explain", "--json", "--admin", admin, "http://api.example.com/orders/7", "-H", "x-user: ann")
		if code := p.waitFor(compiling); code != 0 {
			t.Fatalf("exit code %d", code)
		}
		var r struct {
			Source   string
			Route    struct{ Name string }
			Upstream struct {
				Clusters []struct {
					Picked    string
					Endpoints []struct{ State string }
				}
			}
		}
		if err := json.Unmarshal([]byte(p.out.String()), &r); err != nil {
			t.Fatal(err)
		}
		if c := r.Upstream.Clusters; r.Source != "running" || r.Route.Name != "order" || len(c) != 1 || c[0].Picked != "127.0.0.1:9101" || c[0].Endpoints[0].State != "used" {
			t.Errorf("%s", &p.out)
		}
	}
	if after := numbers(t, admin); after != before {
		t.Errorf("a question has changed what is counted:\n%s\nwas\n%s", after, before)
	}
	res, err := http.DefaultClient.Do(orderWithout(t, "http://"+ready.Listen["gateway"][0]))
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(res.Body)
	if _ = res.Body.Close(); res.StatusCode != 503 || string(body) != "this cannot be authorized now\n" {
		t.Errorf("the process's own filters do not run any more: %d %s", res.StatusCode, body)
	}
	for _, c := range []struct{ question, says string }{
		{`{"url": "http://h/", "show_secrets": true}`, "tells no secrets"},
		{`{"url": "http://h/", "wrong": 1}`, "unknown field"},
		{`{"url": 1}`, "reading the question"},
		{`{"url": "http://h/"} {}`, "something behind it"},
		{strings.Repeat(" ", 4<<20+1), "too large"}, // by what is read of it: the rest of more would cut the answer off
	} {
		res, err := http.Post("http://"+admin+"/explain", "application/json", strings.NewReader(c.question))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if res.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), c.says) {
			t.Errorf("%.60s: %d %s", c.question, res.StatusCode, body)
		}
	}
}

// orderWithout is a request that a filter answers, because nobody authorizes it.
func orderWithout(t *testing.T, at string) *http.Request {
	t.Helper()
	r, err := http.NewRequest("POST", at+"/orders", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "api.example.com"
	return r
}

// numbers are what is counted of requests, filters and clusters.
func numbers(t *testing.T, admin string) string {
	t.Helper()
	var all []string
	for _, path := range []string{"/filters", "/metrics"} {
		res, err := http.Get("http://" + admin + path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if regexp.MustCompile(`"(name|streams|traps|http_calls)"|^weir_(requests|filter_|cluster|upstream|ratelimit|split|extauthz|deadline|retry)`).MatchString(line) &&
				!strings.Contains(line, "memory") {
				all = append(all, line)
			}
		}
	}
	return strings.Join(all, "")
}
