package system

import (
	"fmt"
	"slices"
	"strings"

	"github.com/weirproxy/weir/bench/internal/proc"
)

// System is one proxy in one configuration.
type System struct {
	Name   string
	binary string // its executable; "" is this one
	spec   func(*Setup, System, addresses) (proc.Spec, error)
	env    []string // beside what spec sets
	wants  wants

	guest   guest  // the filter that is compiled for it, if any
	copies  int    // how many filters are made of it
	builtin string // the template of Weir's own filters in proxy.toml
	chain   []string
	edge    bool    // a gateway's chain of Envoy's own filters
	hop     hop     // its place, if requests go through two of it
	key     KeyKind // of the certificate that clients are shown; "" without TLS

	Streams int // of a connection at once, over HTTP/2; 0 for HTTP/1.1
}

// Plain are the systems that speak HTTP/1.1 in clear, in the order in which
// tables show them.
func Plain() []System {
	bareEnvoy := System{Name: "envoy", binary: envoy, spec: envoySpec}
	bareWeir := System{Name: "weir", binary: weir, spec: weirSpec}
	return []System{
		{Name: "nginx", binary: nginx, spec: nginxSpec},
		{Name: "haproxy", binary: haproxy, spec: haproxySpec},
		{Name: "fasthttp", spec: loopSpec},
		bareEnvoy,
		bareEnvoy.withHeaders("envoy+1c", 1),
		bareEnvoy.withHeaders("envoy+5c", 5),
		bareEnvoy.withEdge("envoy+edge"),
		bareWeir,
		bareWeir.withBuiltin("weir+1", one),
		bareWeir.withBuiltin("weir+5", five),
		bareWeir.withHeaders("weir+1c", 1),
		bareWeir.withHeaders("weir+5c", 5),
		bareWeir.withBuiltin("weir+edge", edge),
	}
}

// streams is how many requests a client of HTTP/2 has under way on a connection.
const streams = 8

// Multiplexed are the systems that speak HTTP/2 to clients, in clear with prior
// knowledge, and HTTP/1.1 to the origin.
func Multiplexed() []System {
	bareWeir := System{Name: "weir", binary: weir, spec: weirSpec}
	all := []System{
		{Name: "nginx", binary: nginx, spec: nginxSpec},
		{Name: "haproxy", binary: haproxy, spec: haproxySpec},
		{Name: "envoy", binary: envoy, spec: envoySpec},
		bareWeir,
		bareWeir.withBuiltin("weir+5", five),
	}
	for i := range all {
		all[i].Name += "+h2"
		all[i].Streams = streams
	}
	return all
}

// All are the systems that can be compared.
func All() []System { return slices.Concat(Plain(), Secured(P256), Multiplexed(), Paired()) }

// Named are the systems of the given names.
func Named(names []string) ([]System, error) {
	all := All()
	var known []string
	for _, s := range all {
		known = append(known, s.Name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("choosing systems: %q is none; there are %s", name, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(all, func(s System) bool { return !slices.Contains(names, s.Name) }), nil
}

// header is one of several filters of the same module: which field it sets, on
// the request and on the response.
type header struct{ Name, Field, Value string }

func headersOf(n int) []header {
	hs := make([]header, n)
	for i := range hs {
		hs[i] = header{
			Name:  fmt.Sprintf("headers-%d", i+1),
			Field: fmt.Sprintf("x-bench-%d", i+1),
			Value: fmt.Sprintf("value-%d", i+1),
		}
	}
	return hs
}

// withHeaders puts n copies of the header filter into a proxy.
func (s System) withHeaders(name string, n int) System {
	s.Name, s.guest, s.copies = name, headers, n
	for _, h := range headersOf(n) {
		s.chain = append(s.chain, h.Name)
		s.wants.up = append(s.wants.up, field{h.Field, h.Value})
		s.wants.down = append(s.wants.down, field{h.Field, h.Value})
	}
	return s
}
