package config

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/spiffe/go-spiffe/v2/spiffeid"

	"github.com/weirproxy/weir/core/identity/spiffe"
)

// Identity is who this process is in a mesh: an X509-SVID of SPIFFE. Its files are
// taken up when they change.
type Identity struct {
	// SPIFFE ID, "spiffe://example.org/web". With an authority it is needed. Default: the certificate's.
	ID string `toml:"id" check:"is=spiffeid"`
	// PEM file of the certificate and its chain, relative to this file. An authority's is kept there.
	Cert string `toml:"cert"`
	// PEM file of its private key, relative to this file. Kept as cert is.
	Key string `toml:"key"`
	// PEM file of the roots of our trust domain, relative to this file. Kept as cert is.
	Bundle string `toml:"bundle"`
	// Files of the roots of other trust domains, whose members are believed, by their names. Default none.
	Bundles map[string]string `toml:"bundles" check:"keys=domain"`
	// Who issues the identity and renews it. Default: somebody else does.
	Authority *Authority `toml:"authority"`
}

// Authority is a "weir ca serve".
type Authority struct {
	// URL, "https://host:port". Needed.
	URL string `toml:"url"`
	// Join token, { file = "path" } or { env = "NAME" }, for the first identity: it is
	// used once, and needed again only if the identity has expired.
	Token any `toml:"token"`
	// SHA-256 of a root's public key, in hex, by which the authority is trusted while
	// there is no identity, or it has expired; "weir ca init" says it.
	Pin string `toml:"pin" check:"is=sha256"`
}

// Modes of [Sidecar.MTLS].
const (
	MTLSStrict     = "strict"
	MTLSPermissive = "permissive"
	MTLSOff        = "off"
)

// JoinToken is the token's text, "" for none.
func (a *Authority) JoinToken() string {
	secret, _ := a.Token.(Secret)
	return secret.text
}

func (i *Identity) complete(dir string) {
	i.Cert, i.Key, i.Bundle = resolvePath(dir, i.Cert), resolvePath(dir, i.Key), resolvePath(dir, i.Bundle)
	for domain, file := range i.Bundles {
		i.Bundles[domain] = resolvePath(dir, file)
	}
}

// completeMTLS lets who has an identity use it.
func (c *Config) completeMTLS() {
	switch {
	case c.Sidecar.MTLS != "":
	case c.Identity != nil:
		c.Sidecar.MTLS = MTLSStrict
	default:
		c.Sidecar.MTLS = MTLSOff
	}
}

// checkIdentity finds what an identity lacks, and who needs one where there is none.
func (c *Config) checkIdentity(r *report) {
	if i := c.Identity; i != nil {
		i.check(r)
		return
	}
	const lacks = "but there is no [identity], which says who we are in the mesh"
	if c.Sidecar.MTLS == MTLSStrict || c.Sidecar.MTLS == MTLSPermissive {
		r.add("sidecar.mtls", "is %q, %s", c.Sidecar.MTLS, lacks)
	}
	for _, name := range sortedKeys(c.Clusters) {
		if t := c.Clusters[name].TLS; t != nil && t.Mesh {
			r.add(within(within(within("clusters", name), "tls"), "mesh"), "is true, %s", lacks)
		}
	}
}

func (i *Identity) check(r *report) {
	for _, f := range []struct{ key, path, what string }{
		{"cert", i.Cert, "the certificate"}, {"key", i.Key, "its private key"}, {"bundle", i.Bundle, "the roots of our trust domain"},
	} {
		if f.path == "" {
			r.add(within("identity", f.key), "missing; name the PEM file of %s", f.what)
		}
	}
	for _, domain := range sortedKeys(i.Bundles) {
		if i.Bundles[domain] == "" {
			r.add(within("identity.bundles", domain), "is empty; name the PEM file of its roots")
		}
	}
	if i.Authority != nil {
		i.Authority.check(r, i)
	}
}

func (a *Authority) check(r *report, i *Identity) {
	u, err := url.Parse(a.URL)
	if a.URL == "" {
		r.add("identity.authority.url", "missing; name where the authority is: \"https://host:port\"")
	} else if err != nil || u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.User != nil || u.RawQuery != "" {
		r.add("identity.authority.url", "%q is not \"https://host:port\"", a.URL)
	}
	if i.ID == "" {
		r.add("identity.id", "missing, but there is an authority, which must be told whom to issue for; name the SPIFFE ID")
	}
	if i.Cert != "" && i.Cert == i.Key {
		r.add("identity.key", "is the certificate's file; with an authority each has its own")
	}
	if a.Token != nil {
		if _, ok := a.Token.(Secret); !ok {
			r.add("identity.authority.token", "is %s, want { env = \"NAME\" } or { file = \"path\" }", kindOf(a.Token))
		}
	}
}

// checkMesh finds TLS between members with keys that have no part in it. A source of
// endpoints may know who they are; nameless ones are known by peers alone.
func (t *ClusterTLS) checkMesh(r *report, key string, nameless bool) {
	if !t.Mesh {
		if len(t.Peers) > 0 {
			r.add(within(key, "peers"), "are given, but mesh is not true; add it, or leave them out")
		}
		return
	}
	if nameless && len(t.Peers) == 0 {
		r.add(within(key, "peers"), "missing, but mesh is true; say who the endpoints may be: [\"spiffe://example.org/orders\"]")
	}
	for _, other := range []struct {
		key   string
		given bool
	}{{"roots", t.Roots != ""}, {"cert", t.Cert != ""}, {"key", t.Key != ""}, {"insecure", t.Insecure}} {
		if other.given {
			r.add(within(key, other.key), "is given beside mesh = true, which goes by [identity]; leave one out")
		}
	}
}

// spiffeIDWrong: the ID of a member.
func spiffeIDWrong(s string) string {
	switch id, err := spiffeid.FromString(s); {
	case err != nil:
		return fmt.Sprintf("%q is not a SPIFFE ID: %v", s, err)
	case id.Path() == "":
		return fmt.Sprintf("%q is a trust domain, which nobody is; add a path", s)
	}
	return ""
}

// trustDomainWrong: a trust domain's name.
func trustDomainWrong(s string) string {
	if d, err := spiffeid.TrustDomainFromString(s); err != nil || d.Name() != s {
		return fmt.Sprintf("%q is not a trust domain; write it like \"example.org\"", s)
	}
	return ""
}

// peerWrong: who an endpoint may be.
func peerWrong(s string) string {
	if _, err := spiffe.Parse(s); err != nil {
		return err.Error()
	}
	return ""
}
