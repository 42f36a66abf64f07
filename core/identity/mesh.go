package identity

import (
	"crypto/tls"
	"fmt"

	"github.com/spiffe/go-spiffe/v2/spiffeid"

	"github.com/weirproxy/weir/core/identity/spiffe"
	"github.com/weirproxy/weir/core/stream"
)

// NewMeshServer is the server's side of mutual TLS between the members of a mesh:
// w is shown, and clients must show an SVID that it trusts. Sessions are not
// resumed: each connection is held to the roots and the identities of its moment.
func NewMeshServer(w *Workload, protocols []string) *Server {
	return &Server{
		workload: w, keeper: newKeeper(w.opt.Log),
		cfg: &tls.Config{
			MinVersion: tls.VersionTLS12, NextProtos: protocols, ClientAuth: tls.RequireAnyClientCert,
			GetCertificate:         func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return w.certificate() },
			VerifyConnection:       func(state tls.ConnectionState) error { return w.verify(&state, nil) },
			SessionTicketsDisabled: true, DynamicRecordSizingDisabled: true,
		},
	}
}

// meet is what others learn of a connection between members.
func (w *Workload) meet(state *tls.ConnectionState) *stream.TLSInfo {
	info := tell(state)
	info.Peer = &stream.Certificate{X509: state.PeerCertificates[0]}
	info.PeerSPIFFE = info.Peer.SPIFFE()
	if own := w.current.Load(); own != nil {
		info.Local = own.Told
	}
	return info
}

// Peers are who the endpoints of a cluster may be.
type Peers []spiffe.Pattern

// ParsePeers reads patterns.
func ParsePeers(patterns []string) (all Peers, err error) {
	for _, s := range patterns {
		p, err := spiffe.Parse(s)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// allow refuses who is none of them.
func (p Peers) allow(id spiffeid.ID) error {
	for _, pattern := range p {
		if pattern.Matches(id) {
			return nil
		}
	}
	return fmt.Errorf("the endpoint is %s, which is none of its peers %v", id, []spiffe.Pattern(p))
}

// Only is c for an endpoint that must be one member, whatever the cluster's peers are:
// who knows the endpoint knows who it is. An id that is none is nobody's. Where
// endpoints are not members it has no meaning, and the answer is c itself.
func (c *Client) Only(id string) *Client {
	if c == nil || c.opt.Workload == nil {
		return c
	}
	o := c.opt
	o.Peers = nil
	if want, err := spiffeid.FromString(id); err == nil && want.Path() != "" {
		o.Peers, _ = ParsePeers([]string{id})
	} else {
		o.Log.Error("the identity of an endpoint is no SPIFFE ID: nobody is connected to there", "identity", id)
	}
	one, _ := NewClient(o)
	return one
}
