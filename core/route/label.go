package route

import (
	"fmt"

	"github.com/weirproxy/weir/core/config"
)

// label is how messages call route i: by its name, or by its place.
func label(routes []config.Route, i int) string {
	if name := routes[i].Name; name != "" {
		return fmt.Sprintf("route %q", name)
	}
	return fmt.Sprintf("routes[%d]", i)
}

// named puts a route's label before what is wrong with it.
func named(label string, err error) error {
	return fmt.Errorf("%s: match: %w", label, err)
}
