package tcp

import "strings"

// Names are clusters by server name. The most exact wins: the name itself, then the
// longest "*.suffix", then "*".
type Names struct {
	exact    map[string]*Target
	suffixes map[string]*Target // by what follows "*."
	any      *Target
}

// Add adds a host, "a.example", "*.example" or "*", in lower case.
func (n *Names) Add(host string, t *Target) {
	if n.exact == nil {
		n.exact, n.suffixes = map[string]*Target{}, map[string]*Target{}
	}
	suffix, wildcard := strings.CutPrefix(host, "*.")
	switch {
	case host == "*":
		n.any = t
	case wildcard:
		n.suffixes[suffix] = t
	default:
		n.exact[host] = t
	}
}

// Find is the cluster for a name in lower case, nil for none. "" has none but by
// the service's default.
func (n *Names) Find(name string) *Target {
	if name == "" {
		return nil
	}
	if t := n.exact[name]; t != nil {
		return t
	}
	for rest := name; ; {
		_, after, ok := strings.Cut(rest, ".")
		if !ok {
			return n.any
		}
		if t := n.suffixes[after]; t != nil {
			return t
		}
		rest = after
	}
}
