package filters_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/coretest"
)

// guard is a filter that guards a path of its own name, and what it thinks of two
// requests.
type guard struct {
	name, config string
	good         []string // fields of a request that passes
	bad          []string // of one that does not
	status       int      // that it is answered
	later        bool     // it decides when an answer comes
}

func guards(secret string) []guard {
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	token := part(`{"alg":"HS256"}`) + "." + part(`{"exp":99999999999}`)
	sign := hmac.New(sha256.New, []byte(secret))
	sign.Write([]byte(token))
	token += "." + base64.RawURLEncoding.EncodeToString(sign.Sum(nil))
	return []guard{
		{"apikey", `keys = [{ name = "ann", sha256 = "4aebd70d3e9413c91f66417e4fea3d65096e0723b1d5b84093132287a974a2bd" }]`,
			[]string{"X-Api-Key: ann-0123456789abcdef"}, nil, 401, false},
		{"authz", `allow = [{ name = "only", headers = { x-who = ["ann"] } }]`, []string{"X-Who: ann"}, []string{"X-Who: bob"}, 403, false},
		{"basicauth", `users = ["ann:$2a$04$Ti01TOZDARoLMjWBlrDFR.OKzEBqXoC.IRvOtmlp2ZcjxkTFUYipS"]`,
			[]string{"Authorization: Basic YW5uOmFubidzIHBhc3N3b3Jk"}, []string{"Authorization: Basic YW5uOng="}, 401, true},
		{"cors", "origins = [\"https://a.test\"]\nrefuse = true", []string{"Origin: https://a.test"}, []string{"Origin: https://b.test"}, 403, false},
		{"extauthz", "cluster = \"service\"\nurl = \"http://service.test/\"\ntimeout = \"1m\"", []string{"Authorization: ann"}, []string{"Authorization: bob"}, 403, true},
		{"ipfilter", `default = "deny"`, nil, nil, 403, false}, // nobody passes
		{"jwt", fmt.Sprintf("issuers = [{ secret = %q, algorithms = [\"HS256\"] }]", secret),
			[]string{"Authorization: Bearer " + token}, []string{"Authorization: Bearer " + token + "x"}, 401, false},
		{"ratelimit", "requests = 1\nper = \"24h\"\nkey = \"header:x-who\"\nif_missing = \"deny\"", nil, nil, 429, false},
	}
}

// doomed builds the module of testdata/doomed.
func doomed(t *testing.T) (path string) {
	path = filepath.Join(t.TempDir(), "doomed.wasm")
	build := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w", "-o", path, "./testdata/doomed")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building filters that fail: %v\n%s", err, text)
	}
	return path
}

// guarded runs a proxy of that module with a guard for each path. What gets past one
// is counted.
func guarded(t *testing.T, module string, all []guard, passed *atomic.Int64) *coretest.Running {
	service := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "ann" {
			w.WriteHeader(http.StatusForbidden)
		}
	}))
	up := coretest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed.Add(1) }))
	return coretest.Proxy(t, coretest.Gateway(up.Addr, fmt.Sprintf("[clusters.service]\nendpoints = [%q]\n", service.Addr)+
		tables(all, "module = \""+module+"\"\nroot_id = \"doomed-%s\"\nsecurity = true\n")+coretest.Wasm("lanes = 1")))
}

// TestGuardsThatFailLetNothingThrough: whatever way one dies, the request that it had
// to judge is answered 503, and others are judged as ever once there is a fresh instance.
func TestGuardsThatFailLetNothingThrough(t *testing.T) {
	module, all := doomed(t), guards(secret)
	for name, field := range map[string]string{"at the head": "X-Fail: ", "at an answer": "X-Fail-Later: "} {
		t.Run(name, func(t *testing.T) {
			var passed atomic.Int64
			p := guarded(t, module, all, &passed)
			for _, g := range all {
				if name == "at the head" || g.later {
					g.fails(t, p, field, &passed)
				}
			}
		})
	}
}

// fails has the guard die in each way when it sees the field.
func (g *guard) fails(t *testing.T, p *coretest.Running, field string, passed *atomic.Int64) {
	ask := func(fields ...string) coretest.Response {
		c := coretest.Dial(t, p.Addr("gateway"))
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(5 * time.Minute)) // all fuel may take long to burn
		c.Send("GET /" + g.name + " HTTP/1.1\r\nHost: a\r\n" + strings.Join(append(slices.Clone(fields), "\r\n"), "\r\n"))
		return c.Read("GET")
	}
	for i, how := range []string{"trap", "fuel", "memory"} {
		before := passed.Load()
		if r := ask(append(g.bad, field+how)...); r.Status != 503 {
			t.Errorf("%s, %s%s: %d %q", g.name, field, how, r.Status, r.Body)
		}
		if n := p.Filter(g.name).Traps; n != i+1 {
			t.Errorf("%s, %s%s: %d traps, want %d", g.name, field, how, n, i+1)
		}
		status := 0
		coretest.Eventually(t, "there is a fresh instance of "+g.name, func() bool {
			status = ask(g.bad...).Status
			return status != 503
		})
		if n := passed.Load() - before; status != g.status || n > 0 {
			t.Errorf("%s, after %s: %d, want %d; %d passed", g.name, how, status, g.status, n)
		}
		if len(g.good) == 0 {
			continue
		}
		if r := ask(g.good...); r.Status != 200 || passed.Load() != before+1 {
			t.Errorf("%s, after %s: %d for who may pass", g.name, how, r.Status)
		}
	}
}
