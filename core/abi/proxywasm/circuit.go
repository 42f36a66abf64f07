package proxywasm

import (
	"github.com/weirproxy/weir/core/circuit"
	"github.com/weirproxy/weir/core/edit"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/foreign"
	"github.com/weirproxy/weir/core/stream"
)

// entered is a part's place in a circuit. The stream's owner has it, or the lane
// while a callback runs.
type entered struct {
	permit circuit.Permit
	policy *circuit.Policy
	own    *circuit.Policy // what policy points to, where it came with a call; used again
	told   circuit.Outcome // by the response's head
	judged bool            // told holds
}

var _ edit.Entrance = (*part)(nil)

// EnterCircuit takes a place in the circuit of a key, for an edit.
func (p *part) EnterCircuit(policy *circuit.Policy, key []byte) bool {
	return p.tryCircuit(policy, key).Allowed
}

func (p *part) tryCircuit(policy *circuit.Policy, key []byte) circuit.Decision {
	space := p.filter.root.vm.space
	d, t := space.Circuits().Enter(key, policy, space.Now())
	p.turned(policy, t)
	if d.Allowed {
		p.circuit.permit, p.circuit.policy = d.Permit, policy
	}
	return d
}

// turned counts and logs a change of a circuit's state.
func (p *part) turned(policy *circuit.Policy, t circuit.Transition) {
	if t == circuit.None {
		return
	}
	r := p.filter.root
	r.vm.metrics.Increment(policy.Metrics[t], 1) // none, if the guest named none
	info := p.stream.Info()
	log := r.vm.host.Log.Info
	if t == circuit.Opened {
		log = r.vm.host.Log.Warn
	}
	log("a circuit has "+t.String(), "filter", r.spec.Name, "route", info.Route, "cluster", info.Cluster, "stream", info.ID)
}

// judgeCircuit tells the circuit what the response's head says for certain. A
// probe is not kept by a body that takes its time.
func (p *part) judgeCircuit() {
	c := &p.circuit
	if !c.permit.Held() {
		return
	}
	o, final := c.policy.Head(p.stream)
	c.told, c.judged = o, true
	if final && o != circuit.Good || c.permit.Probe && circuit.Settled(p.stream, final) {
		p.leaveCircuit(o)
	}
}

// judgeTrailers notes what the response's trailers say. They are not there any more
// when the stream ends: their connection may carry another's by then.
func (p *part) judgeTrailers() {
	if c := &p.circuit; c.permit.Held() {
		c.told = c.policy.Trailers(p.stream, c.told)
	}
}

// endCircuit gives the place back, whatever became of the stream.
func (p *part) endCircuit() {
	c := &p.circuit
	if !c.permit.Held() {
		return
	}
	if !c.judged {
		c.told, _ = c.policy.Head(p.stream)
	}
	p.leaveCircuit(c.policy.End(p.stream, c.told))
}

func (p *part) leaveCircuit(o circuit.Outcome) {
	c := &p.circuit
	p.turned(c.policy, c.permit.End(o, c.policy, p.filter.root.vm.space.Now()))
}

// EnterCircuit is for a guest, in the callbacks of its request.
func (i *instance) EnterCircuit(policy circuit.Policy, key []byte) (circuit.Decision, foreign.Status) {
	p := i.frame.own.part
	if p == nil || p != i.frame.at.part || p.circuit.permit.Held() || p.ofConnection() || !p.stream.HeadWritable(filter.Request) {
		return circuit.Decision{}, foreign.BadArgument
	}
	if p.circuit.own == nil {
		p.circuit.own = new(circuit.Policy)
	}
	*p.circuit.own = policy
	d := p.tryCircuit(p.circuit.own, key)
	if !d.Allowed {
		p.stream.Info().Flags |= stream.FlagUpstreamOverflow
	}
	return d, foreign.OK
}
