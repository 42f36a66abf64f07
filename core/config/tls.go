package config

import (
	"crypto/tls"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// GatewayTLS is the TLS of the addresses in tls_listen.
type GatewayTLS struct {
	// Certificates and their keys. The first is shown to clients that ask for no
	// name, or for one that none is for.
	Certificates []CertificateFiles `toml:"certificates"`
	// Least version: "1.2" or "1.3". Default "1.2".
	MinVersion string `toml:"min_version" check:"oneof=1.2|1.3"`
	// Cipher suites of TLS 1.2, by their IANA names; those of 1.3 are fixed. Default: Go's.
	Suites []string `toml:"suites" check:"is=suite"`
	// Key exchanges: "x25519mlkem768", "x25519", "p256", "p384", "p521". Default: Go's.
	Curves []string `toml:"curves" check:"oneof=x25519mlkem768|x25519|p256|p384|p521"`
	// Certificates of clients: "none", "optional" (checked if shown), "required". Default "none".
	ClientAuth string `toml:"client_auth" check:"oneof=none|optional|required"`
	// File of PEM certificates that clients are trusted by, relative to this file.
	ClientCA string `toml:"client_ca"`
	// Refuse clients that ask for a name no certificate is for. Default false.
	StrictSNI bool `toml:"strict_sni"`
	// How often the key of session tickets is renewed; a ticket can be used for two
	// to three times that. "off" for no tickets. Default "8h".
	Tickets Duration `toml:"tickets" check:"min=1m,max=56h,off"`
	// Certificates from an authority. Default none.
	ACME *ACME `toml:"acme"`
}

// ACME is how certificates are got from an authority (RFC 8555), by HTTP-01 on
// gateway.listen or TLS-ALPN-01 on gateway.tls_listen. Who names hosts accepts the
// authority's terms.
type ACME struct {
	// Hosts to get a certificate for, each one of its own. At least one.
	Hosts []string `toml:"hosts" check:"is=acmehost"`
	// URL of the authority's directory. Default: that of Let's Encrypt.
	Directory string `toml:"directory" check:"min=1"`
	// Address that the authority may write to. Default none.
	Email string `toml:"email" check:"is=printable"`
	// Folder of the account's and the certificates' private keys, relative to this
	// file. Default: a folder in the user's cache.
	Cache string `toml:"cache" check:"min=1"`
	// File of PEM certificates that the directory is trusted by, relative to this file. Default: the system's.
	Roots string `toml:"roots"`
}

func (a *ACME) preset(Side) {
	a.Directory, a.Cache = "https://acme-v02.api.letsencrypt.org/directory", defaultCache("acme")
}

// CertificateFiles are a certificate and its private key. They are read again
// when they change.
type CertificateFiles struct {
	// PEM file of the certificate and its chain, relative to this file.
	Cert string `toml:"cert"`
	// PEM file of its private key, relative to this file.
	Key string `toml:"key"`
}

// ClusterTLS is TLS to the endpoints of a cluster.
type ClusterTLS struct {
	// Name asked for, which the endpoint's certificate must be for. Default: the endpoint's host.
	ServerName string `toml:"server_name" check:"is=servername"`
	// File of PEM certificates that endpoints are trusted by, relative to this file. Default: the system's.
	Roots string `toml:"roots"`
	// PEM file of the certificate shown to endpoints that ask for one, relative to this file. Default none.
	Cert string `toml:"cert"`
	// PEM file of its private key, relative to this file.
	Key string `toml:"key"`
	// Least version: "1.2" or "1.3". Default "1.2".
	MinVersion string `toml:"min_version" check:"oneof=1.2|1.3"`
	// Take any certificate: whoever is between can read and change everything. Default false.
	Insecure bool `toml:"insecure"`
	// Both sides are members of the mesh: we show [identity], endpoints show theirs. Default false.
	Mesh bool `toml:"mesh"`
	// With mesh, who the endpoints may be: "spiffe://example.org/orders", or "spiffe://example.org/shop/*" for all below. Needed but where a file or a provider tells who each is.
	Peers []string `toml:"peers" check:"is=peer"`
}

func (t *ClusterTLS) preset(Side) { t.MinVersion = "1.2" }

func (t *GatewayTLS) complete(dir string) {
	for i := range t.Certificates {
		c := &t.Certificates[i]
		c.Cert, c.Key = resolvePath(dir, c.Cert), resolvePath(dir, c.Key)
	}
	t.ClientCA = resolvePath(dir, t.ClientCA)
	if a := t.ACME; a != nil {
		a.Cache, a.Roots = resolvePath(dir, a.Cache), resolvePath(dir, a.Roots)
	}
}

func (t *ClusterTLS) complete(dir string) {
	t.Roots, t.Cert, t.Key = resolvePath(dir, t.Roots), resolvePath(dir, t.Cert), resolvePath(dir, t.Key)
}

// checkGatewayTLS finds what the listeners with TLS lack, and keys that say
// nothing without another.
func (c *Config) checkGatewayTLS(r *report) {
	t := &c.Gateway.TLS
	if t.ACME != nil {
		t.ACME.check(r)
	} else if len(c.Gateway.TLSListen) > 0 && len(t.Certificates) == 0 {
		r.add("gateway.tls.certificates", "missing, but there is gateway.tls_listen; name a certificate: [{ cert = \"site.pem\", key = \"site.key\" }]")
	}
	for i, f := range t.Certificates {
		key := element("gateway.tls.certificates", i)
		checkPair(r, f, key)
		if slices.Contains(t.Certificates[:i], f) {
			r.add(within(key, "cert"), "%q is there twice", f.Cert)
		}
	}
	switch {
	case t.ClientAuth != "none" && t.ClientCA == "":
		r.add("gateway.tls.client_ca", "missing, but client_auth is %q; name the file of certificates that clients are trusted by", t.ClientAuth)
	case t.ClientAuth == "none" && t.ClientCA != "":
		r.add("gateway.tls.client_ca", "is given, but client_auth is \"none\"; set it to \"optional\" or \"required\", or leave this out")
	}
}

func (a *ACME) check(r *report) {
	if len(a.Hosts) == 0 {
		r.add("gateway.tls.acme.hosts", "missing; name the hosts to get certificates for")
	}
	if u, err := url.Parse(a.Directory); err != nil || u.Scheme != "https" || u.Host == "" {
		r.add("gateway.tls.acme.directory", "%q is not an https:// URL of a directory", a.Directory)
	}
	if a.Cache == "off" {
		r.add("gateway.tls.acme.cache", "missing; name a folder for the private keys: this user has no cache of its own")
	}
}

// acmeHostWrong: a name that an authority can look at.
func acmeHostWrong(s string) string {
	switch _, err := netip.ParseAddr(s); {
	case strings.HasPrefix(s, "*."):
		return fmt.Sprintf("%q is a wildcard, which the ways of asking here are not for; name each host", s)
	case err == nil, !isHost(s), !strings.Contains(s, "."), s != strings.ToLower(s), strings.HasSuffix(s, "."):
		return fmt.Sprintf("%q is not a host's name in lower case with a dot within", s)
	}
	return ""
}

// checkPair finds half of a certificate.
func checkPair(r *report, f CertificateFiles, key string) {
	if f.Cert == "" {
		r.add(within(key, "cert"), "missing; name the PEM file of a certificate")
	}
	if f.Key == "" {
		r.add(within(key, "key"), "missing; name the PEM file of the certificate's private key")
	}
}

func (t *ClusterTLS) check(r *report, key string) {
	if t.Cert != "" || t.Key != "" {
		checkPair(r, CertificateFiles{t.Cert, t.Key}, key)
	}
	if t.Insecure && t.Roots != "" {
		r.add(within(key, "roots"), "are given, but insecure = true takes any certificate; leave one out")
	}
}

// TLSVersion is a version as crypto/tls numbers it.
func TLSVersion(v string) uint16 {
	if v == "1.3" {
		return tls.VersionTLS13
	}
	return tls.VersionTLS12
}

// suiteWrong: a suite of TLS 1.2 that is safe.
func suiteWrong(s string) string {
	if _, ok := SuiteID(s); ok {
		return ""
	}
	var known []string
	for _, c := range tls.CipherSuites() {
		if slices.Contains(c.SupportedVersions, tls.VersionTLS12) {
			known = append(known, c.Name)
		}
	}
	for _, c := range tls.InsecureCipherSuites() {
		if c.Name == s {
			return fmt.Sprintf("%s is broken or has no forward secrecy; leave it out", s)
		}
	}
	return fmt.Sprintf("unknown suite %q%s", s, DidYouMean(s, known))
}

// SuiteID is the number of a suite of TLS 1.2.
func SuiteID(name string) (uint16, bool) {
	for _, c := range tls.CipherSuites() {
		if c.Name == name && slices.Contains(c.SupportedVersions, tls.VersionTLS12) {
			return c.ID, true
		}
	}
	return 0, false
}

// serverNameWrong: a name or address that a certificate can be for.
func serverNameWrong(s string) string {
	if isHost(s) {
		return ""
	}
	return fmt.Sprintf("%q is neither a name nor an IP address", s)
}
