package identity

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/tlssock"
)

// ClientOptions are what the connections of a cluster show and ask for.
type ClientOptions struct {
	ServerName string   // that endpoints' certificates must be for; "": the endpoint's host
	Roots      string   // file of PEM certificates that endpoints are trusted by; "": the system's
	Pair       Files    // shown to endpoints that ask; zero: none
	MinVersion uint16   //
	Insecure   bool     // any certificate is taken
	Protocols  []string // offered by ALPN

	// Workload is who we are to endpoints that are members of a mesh, and Peers who
	// they may be; Roots, Pair and Insecure have no part then. nil: they are no members.
	Workload *Workload
	Peers    Peers

	Log *slog.Logger
}

// Client is the client's side of TLS, of one cluster.
type Client struct {
	opt   ClientOptions
	cfg   tls.Config
	roots [sha256.Size]byte // of the file

	keeper
	shown atomic.Pointer[Pair]
}

// NewClient reads what the options name. It answers all that is wrong with it.
func NewClient(o ClientOptions) (*Client, []Problem) {
	c := &Client{opt: o, keeper: newKeeper(o.Log)}
	if o.Workload != nil {
		c.mesh()
		return c, nil
	}
	var problems []Problem
	var pool *x509.CertPool
	if o.Roots != "" {
		pem, roots, err := readRoots(o.Roots)
		if err != nil {
			problems = append(problems, Problem{"roots", err})
		}
		pool, c.roots = roots, sha256.Sum256(pem)
	}
	if o.Pair != (Files{}) {
		p, err := readPair(o.Pair)
		if err != nil {
			problems = append(problems, Problem{"cert", err})
		} else {
			c.warnOf(p)
			c.pairs = []*Pair{p}
			c.shown.Store(p)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	c.cfg = tls.Config{
		MinVersion: max(o.MinVersion, tls.VersionTLS12), RootCAs: pool, InsecureSkipVerify: o.Insecure,
		DynamicRecordSizingDisabled: true,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if p := c.shown.Load(); p != nil {
				return &p.Certificate, nil
			}
			return new(tls.Certificate), nil
		},
	}
	return c, nil
}

// mesh makes it the client's side of mutual TLS between members. What stands for
// the check by names and roots is that of the endpoint's identity.
func (c *Client) mesh() {
	w, peers := c.opt.Workload, c.opt.Peers
	c.cfg = tls.Config{
		MinVersion: max(c.opt.MinVersion, tls.VersionTLS12), InsecureSkipVerify: true, DynamicRecordSizingDisabled: true,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return w.certificate() },
		VerifyConnection:     func(state tls.ConnectionState) error { return w.verify(&state, peers.allow) },
	}
}

// Same says whether o trusts by the same certificates: two clients of equal
// options differ in nothing else.
func (c *Client) Same(o *Client) bool {
	if c == nil || o == nil {
		return c == o
	}
	return c.roots == o.roots
}

// Refresh takes up a certificate that changed: see [Server.Refresh].
func (c *Client) Refresh(now time.Time) {
	if c.refresh(now) {
		c.shown.Store(c.pairs[0])
	}
}

// Endpoint is the TLS of connections to one address. Its sessions are resumed.
type Endpoint struct {
	client *Client
	cfg    *tls.Config
}

// sessions is how many sessions of an endpoint are kept.
const sessions = 8

// To is for connections to addr, "host:port".
func (c *Client) To(addr string) *Endpoint { return c.to(addr, c.opt.Protocols) }

// Opaque is To for connections whose bytes only the peers understand: what they
// speak is not ours to say, so no protocol is offered.
func (c *Client) Opaque(addr string) *Endpoint { return c.to(addr, nil) }

func (c *Client) to(addr string, protocols []string) *Endpoint {
	cfg := c.cfg.Clone()
	cfg.NextProtos = protocols
	cfg.ServerName = c.opt.ServerName
	if cfg.ServerName == "" {
		cfg.ServerName, _, _ = net.SplitHostPort(addr)
	}
	if c.opt.Workload == nil {
		cfg.ClientSessionCache = tls.NewLRUClientSessionCache(sessions)
	}
	return &Endpoint{c, cfg}
}

// Connect does the handshake with an endpoint that took the connection, within
// wait. On an error nothing but s.Close is left to do.
func (e *Endpoint) Connect(s *sock.Conn, wait time.Duration) (*tlssock.Conn, *stream.TLSInfo, error) {
	t := tlssock.Client(s, e.cfg)
	if err := t.Handshake(context.Background(), wait); err != nil {
		return nil, nil, err
	}
	state := t.State()
	if w := e.client.opt.Workload; w != nil {
		return t, w.meet(&state), nil
	}
	info := tell(&state)
	if info.Peer == nil && len(state.PeerCertificates) > 0 {
		info.Peer = &stream.Certificate{X509: state.PeerCertificates[0]}
	}
	if p := e.client.shown.Load(); p != nil {
		info.Local = p.Told
	}
	return t, info, nil
}

// Untrusted says whether a handshake failed because the endpoint's certificate is
// not one to trust: another endpoint may have a better one, this one has not.
func Untrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}
