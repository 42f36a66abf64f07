package route

import (
	"fmt"
	"strings"

	"github.com/weirproxy/weir/core/config"
)

// label is how messages call route i: by its name, or by its place.
func label(routes []config.Route, i int) string {
	if name := routes[i].Name; name != "" {
		return fmt.Sprintf("route %q", name)
	}
	return fmt.Sprintf("routes[%d]", i)
}

// Problem is what is wrong with the match of a route.
type Problem struct {
	Route int // index in the routes that were given
	Err   error
	label string
}

// Error begins with the route.
func (p *Problem) Error() string { return fmt.Sprintf("%s: match: %v", p.label, p.Err) }

// Unwrap gives what is wrong, without the route.
func (p *Problem) Unwrap() error { return p.Err }

// Problems is the error of [New]: each route that cannot be used, in their order.
type Problems []*Problem

// Error has one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// wrong is a problem of route i.
func wrong(routes []config.Route, i int, err error) *Problem {
	return &Problem{Route: i, Err: err, label: label(routes, i)}
}
