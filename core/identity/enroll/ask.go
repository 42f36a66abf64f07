package enroll

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/authority"
	"github.com/weirproxy/weir/core/sock"
)

// askWait bounds one try.
const askWait = 15 * time.Second

// client speaks to the authority, and shows it the identity that we have. Each try
// has a connection of its own: the next shows another identity. No proxy of the
// environment stands between: beside a sidecar that may be the sidecar.
func (m *Member) client() *http.Client {
	return &http.Client{Timeout: askWait, Transport: &http.Transport{
		DialContext:       sock.Dialer(net.Dialer{}).DialContext,
		DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10,
		TLSClientConfig: &tls.Config{
			MinVersion: tls.VersionTLS13, InsecureSkipVerify: true, VerifyConnection: m.believe, // in the place of what is skipped
			GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				if m.valid() {
					return &m.workload.Current().Certificate, nil
				}
				return new(tls.Certificate), nil
			},
		},
	}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// renew gets an identity and takes it up.
func (m *Member) renew(ctx context.Context) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("making a key: %w", err)
	}
	q := authority.Request{}
	if !m.valid() {
		q.Token = *m.token.Load()
		if q.Token == "" {
			return errors.New("there is no identity to renew, and no join token; see identity.authority.token")
		}
	}
	if q.CSR, err = m.request(key); err != nil {
		return err
	}
	got, err := m.ask(ctx, &q)
	if no, ok := errors.AsType[*refusal](err); ok && no.status == http.StatusUnauthorized && q.Token == "" && *m.token.Load() != "" {
		// Who we are is not believed any more; a token may be there by which it is.
		q.Token = *m.token.Load()
		if got, err = m.ask(ctx, &q); err != nil {
			err = fmt.Errorf("%w; with the join token, %w", no, err)
		}
	}
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("writing the key: %w", err)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	fresh, err := identity.ParseSVID([]byte(got.Chain), private, []byte(got.Bundle), time.Now())
	if err != nil {
		return fmt.Errorf("the authority's answer is of no use: %w", err)
	}
	if fresh.ID.String() != m.opt.ID {
		return fmt.Errorf("the authority says that we are %s, and the configuration wants to be %s", fresh.ID, m.opt.ID)
	}
	if err := m.keep([]byte(got.Chain), private, []byte(got.Bundle)); err != nil {
		return err
	}
	return m.workload.Load()
}

// request is a certificate request for our ID.
func (m *Member) request(key *ecdsa.PrivateKey) (string, error) {
	id, err := url.Parse(m.opt.ID)
	if err != nil {
		return "", fmt.Errorf("asking for %q: %w", m.opt.ID, err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{URIs: []*url.URL{id}}, key)
	if err != nil {
		return "", fmt.Errorf("asking for %q: %w", m.opt.ID, err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})), nil
}

// refusal is an authority's answer that is not an identity.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("the authority answers %d: %q", r.status, r.text)
}

// ask sends a request.
func (m *Member) ask(ctx context.Context, q *authority.Request) (*authority.Answer, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(m.opt.URL, "/")+authority.SVIDPath, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := m.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, authority.MostAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("reading the authority's answer: %w", err)
	}
	if len(text) > authority.MostAnswer {
		return nil, fmt.Errorf("the authority's answer has more than %d bytes", authority.MostAnswer)
	}
	if resp.StatusCode != http.StatusOK {
		var no authority.Refusal
		_ = json.Unmarshal(text, &no)
		return nil, &refusal{resp.StatusCode, no.Error[:min(len(no.Error), 200)]}
	}
	got := new(authority.Answer)
	if err := json.Unmarshal(text, got); err != nil {
		return nil, fmt.Errorf("the authority's answer is not JSON: %w", err)
	}
	return got, nil
}
