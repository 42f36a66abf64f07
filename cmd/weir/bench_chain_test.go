package main_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weirproxy/weir/bench/report"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// benchToken and benchKeys are of the scenario jwt: good until 2100.
const (
	benchToken = "eyJhbGciOiJFZERTQSIsImtpZCI6ImJlbmNoIiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5leGFtcGxlIiwic3ViIjoiYmVuY2giLCJhdWQiOiJzaG9wIiwiZXhwIjo0MTAyNDQ0ODAwfQ.1WzYl8vOt2_dDYv-j5xCfcpentoRn1yDc3oDlFPzIJiGNzWQA1SBAR6hVoh4IktlQ5kCSbmd7asoSDVdDgTgBw"
	benchKeys  = `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"bench","alg":"EdDSA","x":"aU2Y4g5rVo_NziEIAkAt8DzUQB3Q6afr_MVtBSmwJFk"}]}`
)

// calling has filters that ask other services, and that change bodies.
const calling = `version = 1
[[routes]]
name = "all"
filters = ["login", "ask", "transform", "compress"]
cluster = "up"
[clusters.up]
endpoints = ["up.example:80"]
[clusters.near]
endpoints = [%q]
[filters.login]
use = "jwt"
security = true
calls = ["near"]
config.issuers = [{ issuer = "https://issuer.example", audiences = ["shop"], jwks_url = "http://issuer.example/keys", cluster = "near" }]
[filters.ask]
use = "extauthz"
security = true
calls = ["near"]
config = { cluster = "near", url = "http://authz.example/check", timeout = "1m" }
[filters.transform]
use = "transform"
on_pause = "stop_iteration"
config = { request = { set = { seen = true } }, response = { remove = ["secret"] } }
[filters.compress]
use = "compress"
`

// TestBenchChainThatCalls: services of this machine are asked, over the wire alone;
// a note says so.
func TestBenchChainThatCalls(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("content-type", "application/json")
		_, _ = w.Write([]byte(benchKeys))
	}))
	defer service.Close()
	dir := t.TempDir()
	write(t, dir, "proxy.toml", fmt.Sprintf(calling, strings.TrimPrefix(service.URL, "http://")))
	p := setup{dir: dir}.start(t, append([]string{
		"bench", "chain", "-c", "proxy.toml", "--json", "a.json", "-X", "POST", "-d", `{"secret": 1}`,
		"-H", "content-type: application/json", "-H", "accept-encoding: gzip", "-H", "authorization: Bearer " + benchToken,
	}, brief...)...)
	if code := p.waitFor(compiling); code != 0 {
		t.Fatalf("exit code %d", code)
	}
	r, err := report.Read(filepath.Join(dir, "a.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"the whole chain", "without login", "without ask", "without transform", "without compress"} {
		if row := r.Tables[1].Row(name); row == nil || slices.Max(row.Values["errors"]) > 0 {
			t.Errorf("over the wire, %s: %+v", name, row)
		}
	}
	for _, name := range []string{"transform, request body", "compress, response head"} {
		row := r.Tables[0].Row(name)
		if row == nil {
			t.Fatalf("in process there is no %q", name)
		}
		if s, _ := row.Summary("fuel"); s.Median <= 0 {
			t.Errorf("%s uses no fuel", name)
		}
	}
	if !p.out.Has("no service answers login") || !p.out.Has("no service answers ask") {
		t.Errorf("says %s", &p.out)
	}
}

// TestBenchFailures: a filter that fails for all requests has no figures, and the
// error says why it does.
func TestBenchFailures(t *testing.T) {
	m := New()
	m.Memory(1, 1)
	m.Func("proxy_abi_version_0_2_1", "")
	m.Func("proxy_on_context_create", "ii")
	m.Func("malloc", "i:i", I32(1024))
	m.Func("proxy_on_request_headers", "iii:i", Unreachable)
	dir := t.TempDir()
	write(t, dir, "trap.wasm", string(m.Bytes()))
	write(t, dir, "proxy.toml", `version = 1
role = "gateway"
[[routes]]
name = "trapping"
filters = ["mark", "trap"]
cluster = "up"
[[routes]]
name = "app"
on = ["inbound"]
[clusters.up]
endpoints = ["127.0.0.1:9"]
[filters.mark]
use = "requestid"
[filters.trap]
module = "trap.wasm"
`)
	for _, c := range []struct {
		args string
		code int
		out  string // what was measured before
		says []string
	}{
		{"filter trap.wasm --rounds 1 --streams 10", 1, "", []string{"the filter fails for every request", "unreachable"}},
		{"chain --route trapping --rounds 1 --streams 10", 1, "mark, request head", []string{"trap fails for every request", "unreachable"}},
		{"chain --route app", 2, "", []string{`"app" is not one of the role "gateway"`, "--role"}},
	} {
		t.Run(c.args, func(t *testing.T) {
			p := setup{dir: dir}.start(t, append([]string{"bench"}, strings.Fields(c.args)...)...)
			if code := p.waitFor(compiling); code != c.code || !hasAll(p.log.String(), c.says) {
				t.Errorf("exit code %d, says %s", code, &p.log)
			}
			if out := p.out.String(); c.out == "" && out != "" || !strings.Contains(out, c.out) {
				t.Errorf("writes %s", out)
			}
		})
	}
}
