package cluster

import (
	"slices"

	"github.com/weirproxy/weir/core/cluster/lb"
)

// Peek is what [Cluster.PickBy] would choose for a key, without counting anything:
// one endpoint where that is certain, else nil and those that chance or turn
// chooses among. The error is PickBy's.
func (c *Cluster) Peek(key uint64) (certain *Endpoint, among []*Endpoint, err error) {
	u := c.usable.Load()
	_, hashes := c.policy.(*lb.RingHash)
	switch {
	case len(u.endpoints) == 0:
		return nil, nil, u.none
	case len(u.endpoints) == 1:
		return u.endpoints[0], u.endpoints, nil
	case hashes && key != 0:
		return u.endpoints[u.picker.Pick(key, -1)], u.endpoints, nil
	}
	return nil, slices.Clone(u.endpoints), nil
}
