package proxy

import (
	"sync/atomic"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/tcp"
)

// Snapshot is all that one configuration made. It never changes; a stream
// holds the one it began with until it ends.
type Snapshot struct {
	Sides    map[string]*Side // by listener: "gateway", "inbound", "outbound"
	Clusters map[string]*cluster.Cluster
	TCP      tcp.Set
	Close    func() // called once nobody holds it any more

	refs   atomic.Int64 // streams, and one for being current
	closed atomic.Bool
}

func (s *Snapshot) release() {
	if s.refs.Add(-1) == 0 && s.closed.CompareAndSwap(false, true) && s.Close != nil {
		s.Close()
	}
}

// current holds the snapshot that new streams take.
type current struct{ p atomic.Pointer[Snapshot] }

// acquire takes the current snapshot. The pointer is looked at again once the
// count is raised: a snapshot that is still current then is held by that
// fact too, so it cannot have been closed before.
func (c *current) acquire() *Snapshot {
	for {
		s := c.p.Load()
		s.refs.Add(1)
		if c.p.Load() == s {
			return s
		}
		s.release()
	}
}

// swap makes s the current snapshot and lets go of the one before.
func (c *current) swap(s *Snapshot) {
	s.refs.Add(1)
	if old := c.p.Swap(s); old != nil {
		old.release()
	}
}
