package server_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"github.com/weirproxy/weir/core/coretest"
)

// TestGuestVerifiesTokens: the first request waits beside the lane for the
// host's verdict, later ones with the same token get it at once.
func TestGuestVerifiesTokens(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k"}}})
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(`{"sub":"ann"}`))
	if err != nil {
		t.Fatal(err)
	}
	good, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	up := newUpstream(t)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, chained("token"), coretest.Wasm(),
		coretest.FilterTable("token", coretest.Guest(t), "token", fmt.Sprintf("config = { keys = %q }", keys))))
	c := coretest.Dial(t, p.Addr("gateway"))
	for n, x := range []struct {
		token  string
		status int
		seen   string
	}{
		{good, 200, ""}, {good, 200, "before"}, {good, 200, "before"},
		{good[:len(good)-8] + "AAAAAAAA", 401, ""}, {"none", 401, ""}, {good, 200, "before"},
	} {
		c.Send("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + x.token + "\r\n\r\n")
		if r := c.Read("GET"); r.Status != x.status {
			t.Fatalf("request %d: %+v", n, r)
		}
		if x.status != 200 {
			continue
		}
		if h := up.last(t).header; h.Get("X-Subject") != "ann" || h.Get("X-Seen") != x.seen {
			t.Errorf("request %d: the upstream saw %v", n, h)
		}
	}
}
