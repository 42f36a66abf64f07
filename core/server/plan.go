package server

import (
	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/route"
	"github.com/weirproxy/weir/core/stream"
)

// Plan is what a configuration makes of the requests of one side, for those who
// look at it without sending any.
type Plan struct {
	Node      string
	Head      http1.Limits
	Paths     *route.Normalizer
	Forwarded proxy.Forwarding
	Table     *route.Table
	Routes    []config.Route // that Table was made of
}

// NewPlan is the plan of a side.
func NewPlan(cfg *config.Config, side config.Side) (*Plan, error) {
	p := &Plan{Node: nodeID(cfg), Forwarded: forwarding(cfg, side), Routes: cfg.RoutesFor(side)}
	limits := cfg.LimitsFor(side)
	p.Head = headLimits(&limits)
	var err error
	if p.Paths, err = route.NewNormalizer(cfg.Paths); err != nil {
		return nil, err
	}
	p.Table, err = route.New(p.Routes, string(side))
	return p, err
}

// SketchCluster is the cluster of a table, to which nobody connects: without what
// is only known of one that runs. Where its endpoints are discovered it has none.
func SketchCluster(name string, t *config.Cluster) *cluster.Cluster {
	c := cluster.New(cluster.Options{
		Name: name, Discovered: t.Discover != nil, Balance: t.Balance, Hash: hashOf(t), Host: t.Host,
		PanicThreshold: t.PanicThreshold, Metadata: metadataOf(t.Metadata),
	})
	if t.Discover == nil {
		c.Update(listed(t))
	}
	return c
}

// Metadata is what filters learn of route i.
func (p *Plan) Metadata(i int) stream.Table { return metadataOf(p.Routes[i].Metadata) }
