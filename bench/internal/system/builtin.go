package system

import (
	"net/http"

	"github.com/weirproxy/weir/bench/internal/reply"
)

// builtin is a chain of Weir's own filters: their names, their tables in
// proxy.toml, and the evidence that they work.
type builtin struct {
	chain  []string
	tables string // their template
	wants  wants
}

// withBuiltin puts Weir's own filters into it.
func (s System) withBuiltin(name string, b builtin) System {
	s.Name, s.builtin, s.chain, s.wants = name, b.tables, b.chain, b.wants
	return s
}

// one is the filter that the header filters of other languages compare with.
var one = builtin{
	chain:  []string{"mark"},
	tables: "one.toml",
	wants: wants{
		up:   []field{{"x-edge", "weir"}},
		down: []field{{"x-served-by", "weir"}},
	},
}

// five is what an API gateway typically does to a request: give it an id,
// know the client, hold it to its rate, find the path behind, and mark both
// directions.
var five = builtin{
	chain:  []string{"id", "who", "rate", "path", "mark"},
	tables: "five.toml",
	wants: wants{
		target: reply.HeadersPath,
		up:     []field{{"x-request-id", ""}, {"x-edge", "weir"}},
		down:   []field{{"x-request-id", ""}, {"x-served-by", "weir"}},
		refusal: map[string]int{
			keyHeader:    http.StatusUnauthorized,
			tenantHeader: http.StatusTooManyRequests,
		},
	},
}
