package authority_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/authority"
)

// TestIssues: by a token, and then by the identity that it gave.
func TestIssues(t *testing.T) {
	a, _ := create(t, time.Now())
	d := open(t, a)
	key := newKey(t)
	join := token(t, a, web)
	leaf := func(body string) *x509.Certificate {
		t.Helper()
		var got authority.Answer
		if err := json.Unmarshal([]byte(body), &got); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		own, err := identity.ParseSVID([]byte(got.Chain), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), []byte(got.Bundle), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if own.ID.String() != web {
			t.Errorf("it is for %s", own.ID)
		}
		return own.Leaf
	}
	status, body, _ := d.ask("POST", authority.SVIDPath, request(t, csr(t, key, x509.CertificateRequest{}, web), join))
	if status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	first := leaf(body)
	if len(first.DNSNames)+len(first.IPAddresses) > 0 || first.IsCA || first.Subject.String() != "" {
		t.Errorf("%+v", first)
	}
	status, body, _ = d.ask("POST", authority.SVIDPath, request(t, csr(t, key, x509.CertificateRequest{}), ""), tls.Certificate{Certificate: [][]byte{first.Raw}, PrivateKey: key})
	if status != 200 {
		t.Fatalf("renewing: %d %s", status, body)
	}
	if second := leaf(body); second.SerialNumber.Cmp(first.SerialNumber) == 0 {
		t.Error("it is the same again")
	}
	if status, body, _ := d.ask("GET", authority.BundlePath, nil); status != 200 || leafless(body) == "" {
		t.Errorf("%d %s", status, body)
	}
}

func leafless(body string) string {
	var got authority.Answer
	_ = json.Unmarshal([]byte(body), &got)
	return got.Bundle
}

// TestTokenIsForOne: of many that come with one token at once, one gets an identity.
func TestTokenIsForOne(t *testing.T) {
	a, _ := create(t, time.Now())
	d := open(t, a)
	join := token(t, a, web)
	var got, refused atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			switch status, _, _ := d.ask("POST", authority.SVIDPath, request(t, csr(t, newKey(t), x509.CertificateRequest{}, web), join)); status {
			case 200:
				got.Add(1)
			case 401:
				refused.Add(1)
			}
		})
	}
	all.Wait()
	if got.Load() != 1 || refused.Load() != 7 {
		t.Errorf("%d got an identity, %d were refused", got.Load(), refused.Load())
	}
}

// TestTooMany: who is wrong again and again waits, and is told how long.
func TestTooMany(t *testing.T) {
	a, _ := create(t, time.Now())
	d := open(t, a)
	for range 200 {
		status, body, header := d.ask("POST", authority.SVIDPath, []byte("{}"))
		if status == 401 {
			continue
		}
		if status != 429 || header.Get("Retry-After") == "" || body != "{\"error\":\"too many requests from this address; ask later\"}\n" {
			t.Errorf("%d %q %v", status, body, header)
		}
		return
	}
	t.Error("nobody is told to wait")
}
