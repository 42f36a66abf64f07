package source

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/source/ref"
)

const (
	maxRedirects   = 5
	connectTimeout = 5 * time.Second
	headTimeout    = 15 * time.Second // from a request's end to a response's head
	maxHead        = 64 << 10         // of a response, in bytes
)

// client asks servers for what modules are in. It is thrown away after use, so
// that roots are read anew and no connection idles.
type client struct {
	http.Client
	transport *http.Transport
	err       error // of the roots
}

func newClient(roots string) *client {
	c := &client{transport: &http.Transport{
		// HTTPS_PROXY and NO_PROXY, as everywhere; never for this machine.
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            sock.Dialer(net.Dialer{Timeout: connectTimeout}).DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    connectTimeout,
		ResponseHeaderTimeout:  headTimeout,
		MaxResponseHeaderBytes: maxHead,
		ForceAttemptHTTP2:      true,
		// A module is hashed as it is served.
		DisableCompression: true,
	}}
	c.transport.TLSClientConfig.RootCAs, c.err = readRoots(roots)
	c.Transport = (*guard)(c)
	c.CheckRedirect = func(_ *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects {
			return &refusal{error: fmt.Errorf("it redirects more than %d times", maxRedirects)}
		}
		return nil
	}
	return c
}

func (c *client) close() { c.transport.CloseIdleConnections() }

// readRoots are the certificates of a file, nil for the system's.
func readRoots(path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading modules.roots: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading modules.roots: there is no PEM certificate in %q", path)
	}
	return pool, nil
}

// guard is what each request passes: redirects, and the places that a registry
// sends us to for tokens and layers, too.
type guard client

// plain is the key of a context in which this machine may be spoken to without TLS.
type plain struct{}

func allowPlain(ctx context.Context) context.Context { return context.WithValue(ctx, plain{}, true) }

// RoundTrip refuses what is not encrypted, and makes an error of a response
// that asks to come again.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if g.err != nil {
		return nil, &refusal{error: g.err}
	}
	if r.URL.Scheme != "https" && !(r.Context().Value(plain{}) != nil && ref.Loopback(r.URL.Host)) {
		return nil, &refusal{error: fmt.Errorf("it leads to %s://%s, which is not encrypted", r.URL.Scheme, r.URL.Host)}
	}
	resp, err := g.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if b := busyOf(resp); b != nil {
		return nil, errors.Join(b, resp.Body.Close())
	}
	resp.Body = &body{resp.Body}
	return resp, nil
}

// body marks the errors of a body that ends early: they may pass.
type body struct{ io.ReadCloser }

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &cut{err}
	}
	return n, err
}
