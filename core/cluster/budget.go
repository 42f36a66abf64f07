package cluster

import "sync/atomic"

// budget keeps retries from doubling the load of an upstream that fails
// because of its load: they may be a share of what is under way.
type budget struct {
	share    float64
	requests atomic.Int64
	retries  atomic.Int64
}

// minRetries may be under way whatever the load.
const minRetries = 3

// Enter counts a request under way; Leave ends that.
func (c *Cluster) Enter() { c.budget.requests.Add(1) }

// Leave ends Enter.
func (c *Cluster) Leave() { c.budget.requests.Add(-1) }

// TryRetry asks for a retry. After true, EndRetry must follow.
func (c *Cluster) TryRetry() bool {
	b := &c.budget
	allowed := max(int64(b.share*float64(b.requests.Load())), minRetries)
	if b.share == 0 || b.retries.Add(1) > allowed {
		if b.share != 0 {
			b.retries.Add(-1)
		}
		return false
	}
	return true
}

// EndRetry ends TryRetry.
func (c *Cluster) EndRetry() { c.budget.retries.Add(-1) }
