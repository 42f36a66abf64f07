package identity

import (
	"context"
	"crypto/tls"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/tlssock"
)

// Accept does the handshake with a client that has connected, within wait. On
// an error nothing but c.Close is left to do, or [AnswerInClear].
func (s *Server) Accept(c *sock.Conn, wait time.Duration) (*tlssock.Conn, *stream.TLSInfo, error) {
	t := tlssock.Server(c, s.cfg)
	var note picked
	if err := t.Handshake(context.WithValue(context.Background(), pickedKey{}, &note), wait); err != nil {
		return nil, nil, err
	}
	state := t.State()
	if s.workload != nil {
		return t, s.workload.meet(&state), nil
	}
	p := note.pair
	if p == nil { // the session was resumed
		if found := s.find(state.ServerName); len(found) > 0 {
			p = found[0]
		}
	}
	info := tell(&state)
	if p != nil {
		info.Local = p.Told
	}
	if s.opt.ClientAuth != tls.NoClientCert {
		info.Owns = owns(info.ServerName, p)
	}
	return t, info, nil
}

// tell is what others learn of a connection.
func tell(state *tls.ConnectionState) *stream.TLSInfo {
	info := &stream.TLSInfo{
		Version: version(state.Version), ServerName: state.ServerName, ALPN: state.NegotiatedProtocol, Resumed: state.DidResume,
	}
	if len(state.VerifiedChains) > 0 {
		info.Peer = &stream.Certificate{X509: state.PeerCertificates[0]}
		info.PeerSPIFFE = info.Peer.SPIFFE()
	}
	return info
}

// version is a version of TLS as OpenSSL, and so Envoy, writes it.
func version(v uint16) string {
	switch v {
	case tls.VersionTLS13:
		return "TLSv1.3"
	case tls.VersionTLS12:
		return "TLSv1.2"
	}
	return tls.VersionName(v)
}

// owns answers which hosts may be asked for on a connection whose client was
// held to the demands for one name: that name, and what its certificate is for.
func owns(name string, p *Pair) func(host []byte) bool {
	return func(host []byte) bool {
		h := withoutPort(string(host))
		if name != "" && strings.EqualFold(strings.TrimSuffix(h, "."), name) {
			return true
		}
		return p != nil && p.covers(h)
	}
}
