// Package discovery says where services are: sources that are asked for a
// service by name tell its endpoints, and each change of them.
//
// A source that has failed says nothing, so that what was known last stays in
// use; it tries again by itself and logs why.
//
// Start at [Source].
package discovery

import "context"

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

// Source knows services.
type Source interface {
	// Watch calls to with all endpoints of a service: once they are known, and
	// after each change. Calls come one at a time; the list belongs to the
	// callee. An empty list means that the source is sure there is none. It
	// returns at once; ctx ends it, and no call begins after that.
	Watch(ctx context.Context, service string, to func([]Endpoint)) error
}
