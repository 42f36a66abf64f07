package authority_test

import (
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffeid"

	"github.com/weirproxy/weir/core/identity/authority"
)

// FuzzRequest: what is taken is a request that its own key has signed, for the sender
// alone.
func FuzzRequest(f *testing.F) {
	key := newKey(f)
	for _, s := range []string{
		csr(f, key, x509.CertificateRequest{}, web), csr(f, key, x509.CertificateRequest{}),
		csr(f, key, x509.CertificateRequest{DNSNames: []string{"a"}}, web), csr(f, key, x509.CertificateRequest{}, orders), "", "-----BEGIN",
	} {
		f.Add(s)
	}
	id := spiffeid.RequireFromString(web)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := authority.KeyOf(text, id)
		if err != nil {
			return
		}
		block, _ := pem.Decode([]byte(text))
		r, err := x509.ParseCertificateRequest(block.Bytes)
		if err != nil || got == nil || r.CheckSignature() != nil || len(r.DNSNames)+len(r.IPAddresses)+len(r.EmailAddresses) > 0 ||
			len(r.URIs) > 1 || len(r.URIs) == 1 && r.URIs[0].String() != web {
			t.Errorf("%q is taken", text)
		}
	})
}

// FuzzToken: what is taken for a token is written in one way only, and names no other
// file.
func FuzzToken(f *testing.F) {
	a, _ := create(f, time.Now())
	f.Add(token(f, a, web))
	f.Add("weir-join-")
	f.Add("weir-join-" + strings.Repeat("A", 43))
	f.Add("weir-join-" + strings.Repeat("/", 43))
	f.Fuzz(func(t *testing.T, s string) {
		if authority.IsToken(s) && (len(s) != 53 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "") {
			t.Errorf("%q is taken", s)
		}
	})
}
