package explain

import (
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/route"
)

// destination is our side of a connection that is never made.
var destination = netip.MustParseAddrPort("127.0.0.1:80")

// maxOthers bounds the routes that are shown beside the one that is found.
const maxOthers = 12

// judged is the route, and what became of the others. i is -1 for none.
func (x *inquiry) judged(list []route.Candidate, i int) *Route {
	rec := &recorder{masks: &x.masks}
	first := slices.IndexFunc(list, func(c route.Candidate) bool { return c.Met })
	out := &Route{Missed: []Other{}, Behind: []Other{}, Why: []Check{}}
	if i >= 0 && first >= 0 {
		c := list[first]
		out.Name, out.Host, out.Why = x.plan.Routes[i].Name, c.Host, rec.checks(c.Checks)
		for n := range x.captures.Len() {
			name, value := x.captures.At(n, x.head.Path)
			out.Parts = append(out.Parts, Field{name, x.masks.value(name, string(value))})
		}
	}
	for at, c := range list {
		other := Other{x.plan.Routes[c.Route].Name, c.Host, rec.checks(c.Checks)}
		switch {
		case at == first || c.Met && c.Route == i: // also by another of its hosts
		case c.Met && len(out.Behind) < maxOthers:
			out.Behind = append(out.Behind, other)
		case !c.Met && (first < 0 || at < first) && near(c) && len(out.Missed) < maxOthers:
			out.Missed = append(out.Missed, other)
		default:
			out.More++
		}
	}
	return out
}

// near says whether a candidate was missed by a part of what it asks. One whose
// host and path are both others is of no interest.
func near(c route.Candidate) bool {
	far := 0
	for _, k := range c.Checks {
		if !k.Met && (k.Of == "host" || k.Of == "path") {
			far++
		}
	}
	return far < 2
}

// hostOf is an authority without its port.
func hostOf(authority string) string {
	if host, _, err := net.SplitHostPort(authority); err == nil {
		return strings.ToLower(host)
	}
	return strings.ToLower(authority)
}
