package main_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/weirproxy/weir/core/coretest"
)

// issuer signs tokens, and serves its keys.
type issuer struct {
	mu      sync.Mutex
	key     *ecdsa.PrivateKey
	kid     string
	set     jose.JSONWebKeySet
	fetches atomic.Int64
	open    chan bool // closed once it answers
	away    atomic.Bool
}

// rotate makes it sign by a new key.
func (i *issuer) rotate(t *testing.T, kid string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.key, i.kid = key, kid
	i.set.Keys = append(i.set.Keys, jose.JSONWebKey{Key: key.Public(), KeyID: kid})
}

func (i *issuer) sign(t *testing.T, subject string) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: i.key}, (&jose.SignerOptions{}).WithHeader("kid", i.kid))
	if err != nil {
		t.Fatal(err)
	}
	token, err := s.Sign([]byte(`{"iss":"https://idp.test","sub":"` + subject + `","exp":4000000000}`))
	if err != nil {
		t.Fatal(err)
	}
	text, err := token.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.fetches.Add(1)
	select {
	case <-i.open:
	case <-r.Context().Done():
		return
	}
	if i.away.Load() {
		http.Error(w, "away", http.StatusInternalServerError)
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	_ = json.NewEncoder(w).Encode(i.set)
}

// byFetchedKeys is a file in which tokens are verified by what an issuer serves.
func byFetchedKeys(t *testing.T, idp *issuer) string {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Seen", r.Header.Get("X-User")+"|"+r.Header.Get("Authorization"))
	}))
	return strings.Replace(gateway(up.Addr, `[clusters.idp]
endpoints = ["`+coretest.Serve(t, idp).Addr+`"]
[filters.login]
use = "jwt"
security = true
calls = ["idp"]
config.claim_headers = { x-user = "sub" }
config.issuers = [{ issuer = "https://idp.test", jwks_url = "http://idp.test/keys", cluster = "idp", refetch = "1s" }]
[wasm]
lanes = 4
`, atOnce), "cluster = \"up\"\n", "cluster = \"up\"\nfilters = [\"login\"]\n", 1)
}

// TestTokensByFetchedKeys takes an issuer through its life: not there yet, there,
// with a new key, gone, and gone while the proxy reloads.
func TestTokensByFetchedKeys(t *testing.T) {
	idp := &issuer{open: make(chan bool)}
	idp.rotate(t, "1")
	text := byFetchedKeys(t, idp)
	dir := t.TempDir()
	p := start(t, "run", "-c", write(t, dir, "proxy.toml", text))
	at := p.ready().Listen["gateway"][0]
	ask := func(token string) coretest.Response {
		return coretest.Get(t, at, "/", "Authorization: Bearer "+token, "X-User: root")
	}
	ann := idp.sign(t, "ann")
	if r := ask(ann); r.Status != http.StatusServiceUnavailable || r.Header.Get("Www-Authenticate") != "" {
		t.Fatalf("before there are keys: %+v", r)
	}
	close(idp.open)
	coretest.Eventually(t, "the keys are there", func() bool { return ask(ann).Status == http.StatusOK })
	if n := idp.fetches.Load(); n != 1 {
		t.Errorf("%d fetches by 4 lanes", n)
	}
	if r := ask(ann); r.Header.Get("X-Seen") != "ann|" {
		t.Errorf("the upstream saw %q", r.Header.Get("X-Seen"))
	}
	for _, bad := range []string{"x", ann[:len(ann)-8] + "AAAAAAAA"} {
		if r := ask(bad); r.Status != http.StatusUnauthorized || r.Header.Get("Www-Authenticate") != `Bearer realm="weir", error="invalid_token"` {
			t.Errorf("a bad token: %+v", r)
		}
	}

	idp.rotate(t, "2")
	bob := idp.sign(t, "bob")
	var wg sync.WaitGroup
	for range 20 { // on several lanes; none of them is refused
		wg.Go(func() {
			if r := ask(bob); r.Status != http.StatusOK || r.Header.Get("X-Seen") != "bob|" {
				t.Errorf("a new key: %+v", r)
			}
		})
	}
	wg.Wait()
	if n := idp.fetches.Load(); n != 2 {
		t.Errorf("%d fetches, want one more", n)
	}

	idp.away.Store(true)
	write(t, dir, "proxy.toml", strings.Replace(text, "config.claim", "config.leeway = \"5s\"\nconfig.claim", 1)) // another filter, the same keys
	p.signal(syscall.SIGHUP)
	p.logged("fetching keys of issuer", "the answer has status 500")
	for _, subject := range []string{"carl", "dora"} { // whom nobody has seen
		if r := ask(idp.sign(t, subject)); r.Status != http.StatusOK {
			t.Errorf("while the issuer is away: %+v", r)
		}
	}
}

// TestTokensOfWithdrawnKeys: what the proxy remembers of a token ends with the set of keys
// by which it was verified, in all lanes at once.
func TestTokensOfWithdrawnKeys(t *testing.T) {
	idp := &issuer{open: make(chan bool)}
	close(idp.open)
	idp.rotate(t, "1")
	p := start(t, "run", "-c", write(t, t.TempDir(), "proxy.toml", byFetchedKeys(t, idp)))
	at := p.ready().Listen["gateway"][0]
	ask := func(token string) int {
		return coretest.Get(t, at, "/", "Authorization: Bearer "+token).Status
	}
	all := func(token string, want int) {
		t.Helper()
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				if got := ask(token); got != want {
					t.Errorf("status %d, want %d", got, want)
				}
			})
		}
		wg.Wait()
	}
	ann := idp.sign(t, "ann")
	coretest.Eventually(t, "the keys are there", func() bool { return ask(ann) == http.StatusOK })
	all(ann, http.StatusOK)

	idp.mu.Lock()
	idp.set.Keys = nil
	idp.mu.Unlock()
	idp.rotate(t, "2")
	bob := idp.sign(t, "bob")
	fetched := idp.fetches.Load()
	coretest.Eventually(t, "the keys are fetched again", func() bool {
		return ask(bob) == http.StatusOK && idp.fetches.Load() > fetched
	})
	all(ann, http.StatusUnauthorized)
	all(bob, http.StatusOK)
}
