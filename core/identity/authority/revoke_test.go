package authority_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/identity/authority"
)

// renews asks by an identity, and answers the status and why.
func (d *door) renews(shown tls.Certificate) (status int, why string) {
	d.t.Helper()
	status, body, _ := d.ask("POST", authority.SVIDPath, request(d.t, csr(d.t, newKey(d.t), x509.CertificateRequest{}), ""), shown)
	var no authority.Refusal
	_ = json.Unmarshal([]byte(body), &no)
	return status, no.Error
}

// TestRevoke: whoever has the key of a revoked identity, or of one that was renewed
// from it, renews no more; others do; and who joins anew is a member as before.
func TestRevoke(t *testing.T) {
	a, dir := create(t, time.Now())
	d := open(t, a)
	stolen, other := member(t, a, web, 0, time.Now()), member(t, a, orders, 0, time.Now())
	pending := token(t, a, web)
	if status, why := d.renews(stolen); status != 200 {
		t.Fatalf("%d %s", status, why)
	}
	heir := member(t, a, web, 90*24*time.Hour, time.Now())

	command, err := authority.Open(dir) // beside the server
	if err != nil {
		t.Fatal(err)
	}
	if n, err := command.Revoke(web, "stolen", time.Now()); n != 1 || err != nil {
		t.Errorf("%d tokens are forgotten, %v", n, err)
	}
	const revoked = "the identity that is shown was revoked: send a join token"
	for name, shown := range map[string]tls.Certificate{"the stolen one": stolen, "what was renewed from it": heir} {
		if status, why := d.renews(shown); status != 401 || why != revoked {
			t.Errorf("%s: %d %q", name, status, why)
		}
	}
	if status, _ := d.renews(other); status != 200 {
		t.Errorf("another member: %d", status)
	}
	if status, _, _ := d.ask("POST", authority.SVIDPath, request(t, csr(t, newKey(t), x509.CertificateRequest{}), pending)); status != 401 {
		t.Errorf("by a token of before: %d", status)
	}
	status, body, _ := d.ask("POST", authority.SVIDPath, request(t, csr(t, newKey(t), x509.CertificateRequest{}), token(t, a, web)))
	if status != 200 {
		t.Fatalf("by a token of after: %d %s", status, body)
	}
	if status, why := d.renews(member(t, a, web, 0, time.Now())); status != 200 {
		t.Errorf("who joined anew: %d %s", status, why)
	}

	all, err := command.Revoked()
	if err != nil || len(all) != 1 || all[0].ID != web || all[0].Reason != "stolen" {
		t.Errorf("%+v, %v", all, err)
	}
	for id, says := range map[string]string{"web": "not a SPIFFE ID", "spiffe://b.test/web": "is the authority of", "spiffe://a.test": "nobody is", web: "one line"} {
		if _, err := a.Revoke(id, "two\nlines", time.Now()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", id, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "revoked", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%q, %v", files, err)
	}
	for name, text := range map[string]string{"emptied": "", "damaged": "{\"id\":", "of nobody": "{}"} {
		if err := os.WriteFile(files[0], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if status, _ := d.renews(stolen); status != 500 {
			t.Errorf("by a record that is %s: %d", name, status)
		}
		if _, err := command.Revoked(); err == nil || !strings.Contains(err.Error(), files[0]) {
			t.Errorf("a record that is %s: %v", name, err)
		}
	}
}

// TestRevocationsEnd: a record goes when nothing is left that it is for, not earlier.
func TestRevocationsEnd(t *testing.T) {
	a, _ := create(t, time.Now())
	for id, age := range map[string]time.Duration{web: 92 * 24 * time.Hour, orders: 89 * 24 * time.Hour} {
		if _, err := a.Revoke(id, "", time.Now().Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	open(t, a).ask("GET", authority.BundlePath, nil)
	if all, err := a.Revoked(); err != nil || len(all) != 1 || all[0].ID != orders {
		t.Errorf("%+v, %v", all, err)
	}
}
