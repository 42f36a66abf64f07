package proxywasm

import (
	"sync"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/foreign"
	"github.com/weirproxy/weir/core/retry"
)

// policies are the retry policies that a filter has given single streams, by their
// encoding: those that are the same share a budget, over all lanes.
type policies struct {
	mu   sync.Mutex
	made map[string]*retry.Policy
}

// maxPolicies bounds them.
const maxPolicies = 64

// get is the policy of an encoding.
func (p *policies) get(encoded []byte) (*retry.Policy, foreign.Status) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if made := p.made[string(encoded)]; made != nil {
		return made, foreign.OK
	}
	made, err := retry.Parse(encoded)
	switch {
	case err != nil:
		return nil, foreign.BadArgument
	case len(p.made) >= maxPolicies:
		return nil, foreign.InternalFailure
	case p.made == nil:
		p.made = make(map[string]*retry.Policy)
	}
	p.made[string(encoded)] = made
	return made, foreign.OK
}

// Retry is a guest's decision when a request is sent again.
func (i *instance) Retry(policy []byte) foreign.Status {
	ri := i.frame.own.root
	if ri == nil {
		return foreign.BadArgument
	}
	if i.frame.kind == kindConfigure {
		p, err := retry.Parse(policy)
		if err != nil {
			return foreign.BadArgument
		}
		ri.edits.Retry(p)
		return foreign.OK
	}
	s, m := i.moment()
	if m != momentLive || !s.HeadWritable(filter.Request) {
		return foreign.BadArgument
	}
	p, status := ri.root.policies.get(policy)
	if status == foreign.OK {
		s.Info().Wishes.Retry = p
	}
	return status
}
