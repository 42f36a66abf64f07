// Package discovery says where services are: sources that are asked for a
// service by name tell its endpoints, and each change of them.
//
// A source that has failed says nothing, so that what was known last stays in
// use; it tries again by itself and logs why.
//
// A [Registry] asks each source once for what several want to know.
//
// Start at [Source].
package discovery

import (
	"context"
	"maps"
)

// Endpoint is one address of a service.
type Endpoint struct {
	// Addr is "host:port", the host an IP literal or a name.
	Addr string
	// Weight is its share beside others, 1 to 1000000. 0 is taken as 1.
	Weight uint32
	// Identity is the SPIFFE ID that it must show, "" where the cluster's rule holds.
	Identity string
	// Metadata is what the source knows beside that, such as a zone or a version.
	Metadata map[string]string
}

func (e Endpoint) equal(o Endpoint) bool {
	return e.Addr == o.Addr && e.Weight == o.Weight && e.Identity == o.Identity && maps.Equal(e.Metadata, o.Metadata)
}

// Source knows services.
type Source interface {
	// Watch calls to with all endpoints of a service: once they are known, and
	// after each change. Calls come one at a time; the list belongs to the
	// callee. An empty list means that the source is sure there is none. It
	// returns at once; ctx ends it, and no call begins after that.
	Watch(ctx context.Context, service string, to func([]Endpoint)) error
}

// Reporter is a source that can tell an operator how it fares.
type Reporter interface {
	// Trouble is what kept it from hearing of a service when it last tried, nil for
	// nothing.
	Trouble(service string) error
}

// MaxEndpoints bounds the endpoints of a service. A longer list is not taken:
// what was known stays in use.
const MaxEndpoints = 20_000
