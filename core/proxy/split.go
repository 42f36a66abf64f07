package proxy

import (
	"math/rand/v2"

	"github.com/weirproxy/weir/core/cluster"
)

// Split shares a route's requests out to several clusters by weight.
type Split struct {
	clusters []*cluster.Cluster
	upTo     []uint32 // running sums of the weights
}

// Add gives a cluster a share of weight among all.
func (s *Split) Add(c *cluster.Cluster, weight int) {
	sum := uint32(weight)
	if n := len(s.upTo); n > 0 {
		sum += s.upTo[n-1]
	}
	s.clusters = append(s.clusters, c)
	s.upTo = append(s.upTo, sum)
}

// pick draws a cluster.
func (s *Split) pick() *cluster.Cluster {
	n := rand.Uint32N(s.upTo[len(s.upTo)-1])
	for i, up := range s.upTo {
		if n < up {
			return s.clusters[i]
		}
	}
	return nil
}
