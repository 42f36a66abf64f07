package source_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weirproxy/weir/core/source"
	. "github.com/weirproxy/weir/core/source/sourcetest"
)

// guarded is a registry that asks who is there: by a password, or by a token
// that its own door gives for one.
func guarded(t *testing.T, tokens bool) (r Registry, let func(on bool)) {
	r = NewRegistry(t)
	r.Push(t, "house", "1", Layouts(t, wasm)["oras"])
	var closed atomic.Bool
	r.Fails(func(w http.ResponseWriter, req *http.Request) bool {
		user, password, _ := req.BasicAuth()
		known := user == "me" && password == "pass:word" && !closed.Load()
		switch {
		case req.URL.Path == "/token" && known:
			_ = json.NewEncoder(w).Encode(map[string]string{"token": "a-token"})
			return true
		case req.Header.Get("Authorization") == "Bearer a-token", known && !tokens:
			return false
		case tokens:
			w.Header().Set("Www-Authenticate", fmt.Sprintf(`Bearer realm="https://%s/token",service="test"`, r.Host))
		default:
			w.Header().Set("Www-Authenticate", `Basic realm="test"`)
		}
		w.WriteHeader(http.StatusUnauthorized)
		return true
	})
	return r, func(on bool) { closed.Store(!on) }
}

// dockerConfig is docker's file with an entry for a registry.
func dockerConfig(host, user string) string {
	auth := base64.StdEncoding.EncodeToString([]byte(user))
	return fmt.Sprintf(`{"auths": {%q: {"auth": %q}}}`, host, auth)
}

func TestCredentials(t *testing.T) {
	for _, tokens := range []bool{false, true} {
		registry, _ := guarded(t, tokens)
		for name, c := range map[string]struct {
			given, docker string
			says          string // "" where we are let in
		}{
			"none":                    {"", "", "the registry does not let us in"},
			"user and password":       {"me:pass:word\n", "", ""},
			"a wrong password":        {"me:password", "", "the registry does not let us in"},
			"a docker config.json":    {dockerConfig(registry.Host, "me:pass:word"), "", ""},
			"one of another registry": {dockerConfig("registry.example", "me:pass:word"), "", "the registry does not let us in"},
			"one that is none":        {`{"auths": 7}`, "", "begin like a docker config.json, and are none"},
			"neither":                 {"secret", "", `neither "user:password" nor a docker config.json`},
			"docker's own":            {"", dockerConfig(registry.Host, "me:pass:word"), ""},
			"docker's own, broken":    {"", "{", "reading docker's config.json"},
			"given, over docker's":    {"me:pass:word", dockerConfig(registry.Host, "me:wrong"), ""},
		} {
			t.Run(fmt.Sprintf("%s, tokens %v", name, tokens), func(t *testing.T) {
				r := newRig(t, registry.Roots)
				if c.docker != "" {
					if err := os.WriteFile(filepath.Join(os.Getenv("DOCKER_CONFIG"), "config.json"), []byte(c.docker), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				m := r.load(source.Request{Module: "oci://" + registry.Host + "/house:1", Credentials: c.given})
				if c.says == "" {
					want(t, m, source.Fetched)
					return
				}
				refused(t, m, c.says)
				if len(r.waits) != 0 {
					t.Errorf("tried again %d times", len(r.waits))
				}
				if given := strings.TrimSpace(c.given); given != "" && strings.Contains(m.Err.Error()+r.log.String(), given) {
					t.Error("the credentials are told")
				}
			})
		}
	}
}

// TestCredentialsWithdrawn: who is not let in any more goes by what is kept.
func TestCredentialsWithdrawn(t *testing.T) {
	registry, let := guarded(t, false)
	r := newRig(t, registry.Roots)
	q := source.Request{Module: "oci://" + registry.Host + "/house:1", Credentials: "me:pass:word"}
	want(t, r.keep(q), source.Fetched)
	let(false)
	m := r.load(q)
	want(t, m, source.LastGood)
	if m.Away == nil || !strings.Contains(m.Away.Error(), "does not let us in") {
		t.Errorf("%v", m.Away)
	}
}

// TestCredentialsStayEncrypted: a registry that asks for them elsewhere, and in
// the clear, does not get them.
func TestCredentialsStayEncrypted(t *testing.T) {
	eavesdropper := NewPlainServer(t, serve([]byte(`{"token": "x"}`)))
	registry := NewRegistry(t)
	registry.Fails(Status(401, "Www-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/token",service="test"`, eavesdropper.Host)))
	r := newRig(t, registry.Roots)
	refused(t, r.load(source.Request{Module: "oci://" + registry.Host + "/house:1", Credentials: "me:secret"}), "http")
	if eavesdropper.Requests() != 0 {
		t.Error("it was asked")
	}
}
