package identity

import (
	"net/netip"
	"strings"
)

// names finds pairs by the names that their certificates are for.
type names struct {
	first  *Pair // shown to who asks for no name, or one that nothing is for
	exact  map[string][]*Pair
	suffix map[string][]*Pair // of "*.example.com", by ".example.com"
}

func index(pairs []*Pair) *names {
	n := &names{exact: map[string][]*Pair{}, suffix: map[string][]*Pair{}}
	for i, p := range pairs {
		if i == 0 {
			n.first = p
		}
		for _, name := range p.Leaf.DNSNames {
			name = strings.ToLower(strings.TrimSuffix(name, "."))
			if rest, ok := strings.CutPrefix(name, "*"); ok {
				n.suffix[rest] = append(n.suffix[rest], p)
			} else {
				n.exact[name] = append(n.exact[name], p)
			}
		}
	}
	return n
}

// find gives the pairs for a name: of it, else of the wildcard that covers its
// first label (RFC 9525, section 6.3), else none.
func (n *names) find(name string) []*Pair {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if all := n.exact[name]; all != nil {
		return all
	}
	if i := strings.IndexByte(name, '.'); i > 0 {
		return n.suffix[name[i:]]
	}
	return nil
}

// covers says whether a pair is for a host as a request names it, with or
// without port.
func (p *Pair) covers(host string) bool {
	host = withoutPort(host)
	if a, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return p.Leaf.VerifyHostname(a.Unmap().String()) == nil
	}
	return host != "" && p.Leaf.VerifyHostname(strings.TrimSuffix(host, ".")) == nil
}

// withoutPort is the host of an authority.
func withoutPort(authority string) string {
	i := strings.LastIndexByte(authority, ':')
	if i < 0 || strings.IndexByte(authority[i:], ']') >= 0 || strings.Trim(authority[i+1:], "0123456789") != "" {
		return authority
	}
	return authority[:i]
}
