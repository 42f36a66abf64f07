package tcp

import (
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/observe"
)

// Service is what becomes of the connections of a listener. It never changes.
type Service struct {
	Name     string
	Listener string // where its connections come in, for logs and properties
	Node     string // id of this proxy
	Chain    *chain.Chain
	Cluster  *Target // nil where the names alone decide
	Names    *Names  // nil where nobody looks for a server name
	// Elsewhere is who has the destination that a client meant, "host:port", where no
	// server name decides; nil for none, and for services that do not ask.
	Elsewhere func(original string) *Target
	Retries   int // other endpoints that are tried

	Hello  time.Duration // for a ClientHello
	Idle   time.Duration // without a byte in either direction, 0 for none
	MaxAge time.Duration // 0 for none
	Pause  time.Duration // for one pause of a filter
	Buffer int           // bytes under way in one direction

	Metrics *observe.TCP
}

// Target is a cluster as a service connects to it.
type Target struct {
	*cluster.Cluster
	Header byte // version of the PROXY header that is sent first, 0 for none
}

// Set is the services of a configuration, and the clusters they may use, by name.
type Set struct {
	Services map[string]*Service
	Targets  map[string]*Target
}

// Target is the cluster of that name, nil for none.
func (s *Set) Target(name string) *Target { return s.Targets[name] }
