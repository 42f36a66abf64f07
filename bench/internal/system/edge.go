package system

import (
	"net/http"

	"github.com/weirproxy/weir/bench/internal/reply"
)

// edge is the chain of a gateway before an API that browsers use: its log counts
// too, which goes where nothing is kept.
var edge = builtin{
	chain:  []string{"id", "login", "rate", "pages", "mark", "log"},
	tables: "edge.toml",
	wants:  ofEdge,
}

// ofEdge is what that comes to, whoever does it.
var ofEdge = wants{
	target: prefix + reply.HeadersPath,
	up:     []field{{"x-request-id", ""}, {"x-user", subject}, {"x-edge", "bench"}},
	down:   []field{{"access-control-allow-origin", pages}, {"x-served-by", "bench"}},
	refusal: map[string]int{
		"authorization": http.StatusUnauthorized,
	},
}

// pages is the origin of the pages that ask: requests carry it.
const pages = "https://app.example.com"

// withEdge has Envoy do the same by filters of its own.
func (s System) withEdge(name string) System {
	s.Name, s.edge, s.wants = name, true, ofEdge
	return s
}
