package authority_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/identity/authority"
)

// TestHostile: what is sent to the door, and the exact answer. No refusal uses the
// token up.
func TestHostile(t *testing.T) {
	a, dir := create(t, time.Now())
	stranger, _ := create(t, time.Now())
	join := token(t, a, web)
	key := newKey(t)
	good := csr(t, key, x509.CertificateRequest{}, web)
	block, _ := pem.Decode([]byte(good))
	forged := append([]byte(nil), block.Bytes...)
	forged[len(forged)-1] ^= 1
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Skip(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	expired, err := a.Token(web, time.Second, time.Now().Add(-time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	gone := member(t, a, web, time.Minute, time.Now().Add(-time.Hour))
	asCA := x509.CertificateRequest{ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 19}, Critical: true, Value: []byte{0x30, 3, 1, 1, 0xff}}}}
	other := x509.CertificateRequest{ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: []byte{0x30, 5, 0xa0, 3, 6, 1, 42}}}}
	with := func(csr string) []byte { return request(t, csr, join) }

	const (
		badToken  = "the join token is unknown, was used, or has expired"
		badKey    = "the request's key is none of P-256, P-384, Ed25519 and RSA of 2048 to 4096 bits"
		badJSON   = "the request is not the JSON of {csr, token}"
		nobody    = "who asks is not known: send a join token, or show the identity that is to be renewed"
		notOurs   = "the identity that is shown is not one of ours, or has expired: send a join token"
		badNames  = "the request names others than a SPIFFE ID, which are not given"
		badPEM    = "the request is not a PEM block CERTIFICATE REQUEST"
		badSender = "the request names another SPIFFE ID than its sender's"
	)
	for _, c := range []struct {
		name   string
		body   []byte
		shown  []tls.Certificate
		status int
		says   string
	}{
		{"nothing", nil, nil, 400, badJSON},
		{"no JSON", []byte("csr=x"), nil, 400, badJSON},
		{"another key", []byte(`{"csr":"","id":"spiffe://a.test/admin"}`), nil, 400, badJSON},
		{"another type", []byte(`{"csr":["x"]}`), nil, 400, badJSON},
		{"more behind it", append(with(good), "{}"...), nil, 400, badJSON},
		{"deep JSON", []byte(strings.Repeat("[", 16000)), nil, 400, badJSON},
		{"huge", []byte(`{"csr":"` + strings.Repeat("a", 20<<10) + `"}`), nil, 413, "the request has more than 16 KiB"},
		{"nobody", request(t, good, ""), nil, 401, nobody},
		{"a token that is none", request(t, good, "weir-join-x"), nil, 401, badToken},
		{"a token that is a path", request(t, good, "weir-join-../../../authority"), nil, 401, badToken},
		{"a token never made", request(t, good, "weir-join-"+strings.Repeat("A", 43)), nil, 401, badToken},
		{"a token with a line end within", request(t, good, join[:20]+"\n"+join[20:]), nil, 401, badToken},
		{"a token of late", request(t, good, expired), nil, 401, badToken},
		{"no request", with(""), nil, 400, badPEM},
		{"a key in its place", with("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), nil, 400, badPEM},
		{"PEM with headers", with(strings.Replace(good, "REQUEST-----\n", "REQUEST-----\nProc-Type: 4,ENCRYPTED\n\n", 1)), nil, 400, badPEM},
		{"two requests", with(good + good), nil, 400, "there is more than one request"},
		{"no PKCS #10", with(toPEM([]byte{0x30, 0})), nil, 400, "the request is not one of PKCS #10"},
		{"a request cut short", with(toPEM(block.Bytes[:len(block.Bytes)-10])), nil, 400, "the request is not one of PKCS #10"},
		{"another's key", with(toPEM(forged)), nil, 400, "the request is not signed by its own key"},
		{"RSA of 1024 bits", with(csr(t, small, x509.CertificateRequest{}, web)), nil, 400, badKey},
		{"P-224", with(csr(t, curve, x509.CertificateRequest{}, web)), nil, 400, badKey},
		{"another ID", with(csr(t, key, x509.CertificateRequest{}, orders)), nil, 400, badSender},
		{"a longer ID", with(csr(t, key, x509.CertificateRequest{}, web+"/admin")), nil, 400, badSender},
		{"another trust domain", with(csr(t, key, x509.CertificateRequest{}, "spiffe://b.test/web")), nil, 400, badSender},
		{"an ID that reads the same", with(csr(t, key, x509.CertificateRequest{}, "spiffe://a.test/%77eb")), nil, 400, badSender},
		{"two IDs", with(csr(t, key, x509.CertificateRequest{}, web, orders)), nil, 400, "the request names more than one SPIFFE ID"},
		{"a DNS name too", with(csr(t, key, x509.CertificateRequest{DNSNames: []string{"bank.example"}}, web)), nil, 400, badNames},
		{"an address too", with(csr(t, key, x509.CertificateRequest{IPAddresses: []net.IP{{127, 0, 0, 1}}}, web)), nil, 400, badNames},
		{"an e-mail address", with(csr(t, key, x509.CertificateRequest{EmailAddresses: []string{"a@b.test"}})), nil, 400, badNames},
		{"a name of another kind", with(csr(t, key, other)), nil, 400, badNames},
		{"to be an authority", with(csr(t, key, asCA, web)), nil, 400, "the request asks for the extension 2.5.29.19, which is not given"},
		{"a stranger's identity", request(t, good, ""), []tls.Certificate{member(t, stranger, web, 0, time.Now())}, 401, notOurs},
		{"an identity that has expired", request(t, good, ""), []tls.Certificate{gone}, 401, notOurs},
		{"another member's", request(t, good, ""), []tls.Certificate{member(t, a, orders, 0, time.Now())}, 400, badSender},
		{"a bad token beside an identity", request(t, good, "weir-join-x"), []tls.Certificate{member(t, a, web, 0, time.Now())}, 401, badToken},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t, a) // of its own: failures are counted
			status, body, header := d.ask("POST", authority.SVIDPath, c.body, c.shown...)
			var no authority.Refusal
			if err := json.Unmarshal([]byte(body), &no); err != nil || status != c.status || no.Error != c.says || header.Get("Content-Type") != "application/json" {
				t.Errorf("%d %q, want %d %q", status, body, c.status, c.says)
			}
		})
	}
	d := open(t, a)
	for path, want := range map[string]int{"/": 404, "/v1/svid/": 404, "/v1/../authority.json": 404} {
		if status, _, _ := d.ask("POST", path, nil); status != want {
			t.Errorf("%s: %d, want %d", path, status, want)
		}
	}
	if status, _, _ := d.ask("GET", authority.SVIDPath, nil); status != 405 {
		t.Errorf("GET: %d", status)
	}
	if status, body, _ := d.ask("POST", authority.SVIDPath, with(good)); status != 200 {
		t.Errorf("the token is used up by what was refused: %d %s", status, body)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "tokens", "*")); len(left) != 0 {
		t.Errorf("%q are kept", left)
	}
	if _, err := os.Stat(filepath.Join(dir, "authority.json")); err != nil {
		t.Error(err)
	}
}
