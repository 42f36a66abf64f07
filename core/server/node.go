package server

import (
	"os"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/stream"
)

// nodeID is this process's name among others.
func nodeID(cfg *config.Config) string {
	if cfg.Node.ID != "" {
		return cfg.Node.ID
	}
	name, _ := os.Hostname()
	return name
}

// nodeOf is what filters learn of it.
func nodeOf(cfg *config.Config) proxywasm.Node {
	n := &cfg.Node
	return proxywasm.Node{
		ID: nodeID(cfg), Cluster: n.Cluster,
		Region: n.Locality.Region, Zone: n.Locality.Zone, SubZone: n.Locality.SubZone,
		Metadata: stream.NewTable(n.Metadata),
	}
}

// metadataOf is what filters learn of a route or a cluster.
func metadataOf(m map[string]config.Metadata) stream.Table {
	all := make(map[string]any, len(m))
	for subject, t := range m {
		all[subject] = map[string]any(t)
	}
	return stream.NewTable(all)
}
