// Package bundled gives the server the filters that this binary brings along.
// It is the one place where core and filters meet.
package bundled

import (
	"github.com/weirproxy/weir/core/server"
	"github.com/weirproxy/weir/filters"
	"github.com/weirproxy/weir/filters/builtin"
)

// Filters are the built-in filters.
type Filters struct{}

var _ server.Builtins = Filters{}

// Module is the module that holds them.
func (Filters) Module() ([]byte, error) { return builtin.Module() }

// Names are their names.
func (Filters) Names() []string { return filters.Names() }

// Clusters are the keys by which their configurations name clusters.
func (Filters) Clusters(filter string) map[string]bool { return filters.Clusters(filter) }
