package signature_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/wasm/signature"
)

func TestKeys(t *testing.T) {
	k := newKey(t)
	private, err := k.PEM()
	if err != nil {
		t.Fatal(err)
	}
	public, err := k.Public().PEM()
	if err != nil {
		t.Fatal(err)
	}
	again, err := signature.ParsePrivateKey(private)
	if err != nil || again.Public().ID() != k.Public().ID() {
		t.Errorf("read again: %v", err)
	}
	line := bytes.Split(public, []byte("\n"))[1]
	for name, text := range map[string][]byte{
		"PEM": public, "a line of base64": line, "with lines around": append([]byte("\n"), append(public, "\n\n"...)...),
	} {
		if p, err := signature.ParsePublicKey(text); err != nil || p.ID() != k.Public().ID() {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, c := range []struct {
		name, text, says string
		private          bool
	}{
		{"nothing", "", "neither PEM nor", false},
		{"nothing", "", "no PEM", true},
		{"a path", "keys/release.pub", "neither PEM nor", false},
		{"a private for a public one", string(private), "it is a private key", false},
		{"a public for a private one", string(public), "it is a public key", true},
		{"two", string(public) + string(public), "more than one", false},
		{"cut short", string(line[:len(line)-8]), "malformed", false},
		{"a certificate", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")})), `"CERTIFICATE"`, false},
		{"rubbish", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})), "malformed", true},
		{"another algorithm", otherPublic(t), "another algorithm", false},
		{"another algorithm", otherPrivate(t), "another algorithm", true},
	} {
		var err error
		if c.private {
			_, err = signature.ParsePrivateKey([]byte(c.text))
		} else {
			_, err = signature.ParsePublicKey([]byte(c.text))
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
		if err != nil && strings.Contains(err.Error(), string(private)) {
			t.Errorf("%s: the error tells the key", c.name)
		}
	}
}

func other(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func otherPublic(t *testing.T) string {
	der, err := x509.MarshalPKIXPublicKey(other(t).Public())
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func otherPrivate(t *testing.T) string {
	der, err := x509.MarshalPKCS8PrivateKey(other(t))
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
