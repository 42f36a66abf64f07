package differential_test

import (
	"crypto/tls"
	"fmt"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/identitytest"

	. "github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"
)

// secured is what the clients of a case with TLS do.
type secured struct {
	name    string // that they ask for
	shows   bool   // a certificate
	version uint16 // at most; 0 for the newest
}

// papers are the certificates that both proxies, and clients, show.
type papers struct {
	authority    *identitytest.Authority
	site, client identity.Files
}

func newPapers(t *testing.T) *papers {
	a := identitytest.New(t)
	return &papers{
		authority: a,
		site:      a.Issue("site", identitytest.Request{Names: []string{"differential.test", "*.differential.test"}, URI: "spiffe://mesh/ns/a/sa/site"}),
		client:    a.Issue("client", identitytest.Request{Names: []string{"client.test", "client-too.test"}, URI: "spiffe://mesh/ns/a/sa/client"}),
	}
}

// config is the client's side of TLS.
func (p *papers) config(s *secured) *tls.Config {
	c := &tls.Config{InsecureSkipVerify: true, ServerName: s.name, MaxVersion: s.version}
	if s.shows {
		c.Certificates = []tls.Certificate{p.authority.Pair(p.client)}
	}
	return c
}

// envoySocket is a listener's transport socket.
func (p *papers) envoySocket() object {
	file := func(path string) object { return object{"filename": path} }
	return extension("envoy.transport_sockets.tls", "extensions.transport_sockets.tls.v3.DownstreamTlsContext", object{
		"common_tls_context": object{
			"tls_certificates":   list{object{"certificate_chain": file(p.site.Cert), "private_key": file(p.site.Key)}},
			"validation_context": object{"trusted_ca": file(p.authority.File)},
		},
	})
}

// weirTable is the same for Weir.
func (p *papers) weirTable() string {
	return fmt.Sprintf("[gateway.tls]\ncertificates = [{ cert = %s, key = %s }]\nclient_auth = \"optional\"\nclient_ca = %s\n",
		quote(p.site.Cert), quote(p.site.Key), quote(p.authority.File))
}

// over gives the clients of a case TLS.
func (c differentialCase) over(s secured) differentialCase {
	c.secured = &s
	return c
}

var certificateProperties = strings.Fields(`connection.mtls connection.requested_server_name connection.tls_version
	connection.subject_local_certificate connection.subject_peer_certificate connection.dns_san_local_certificate connection.dns_san_peer_certificate
	connection.uri_san_local_certificate connection.uri_san_peer_certificate connection.sha256_peer_certificate_digest
	upstream.tls_version upstream.subject_peer_certificate`)

var secureCases = []differentialCase{
	one("property-tls", On("request_headers", texts(certificateProperties...)...), On("response_headers", texts(certificateProperties...)...), On("log", texts(certificateProperties...)...)).
		over(secured{name: "differential.test"}),
	requestHead("property-tls-without-a-name", append(texts("request.scheme"), texts(certificateProperties...)...)...).over(secured{}),
	requestHead("property-tls-1-2", texts(certificateProperties...)...).over(secured{name: "a.differential.test", version: tls.VersionTLS12}),
	one("property-tls-of-a-client-certificate", On("request_headers", texts(certificateProperties...)...), On("log", texts(certificateProperties...)...)).
		over(secured{name: "differential.test", shows: true}),
	requestHead("property-tls-1-2-of-a-client-certificate", texts(certificateProperties...)...).over(secured{name: "differential.test", shows: true, version: tls.VersionTLS12}),
}
