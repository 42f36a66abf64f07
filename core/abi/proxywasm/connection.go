package proxywasm

import (
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/wasm"
)

// This file is the part of a TCP connection. Its chain knows it as a stream whose
// head is the connection; the guest is called by the callbacks of connections.

// ofConnection says whether it is one.
func (p *part) ofConnection() bool { return p.filter.root.spec.Connections }

// newConnection makes on_new_connection. A pause holds the way to the upstream, and
// nothing is read of the client before it is over, as in Envoy.
func (p *part) newConnection() (filter.Action, error) {
	i, err := p.enter()
	if err != nil {
		return 0, err
	}
	defer p.group.lane.Unlock()
	v, err := p.tell(i, i.fn.newConnection, uint64(p.id))
	action := filter.ActionContinue
	if uint32(v) != 0 {
		action = filter.ActionPause
	}
	return p.pass(filter.Request, false, action, err)
}

// data makes on_downstream_data or on_upstream_data, and tells of the upstream's end
// behind its last bytes.
func (p *part) data(d filter.Direction, end bool) (filter.Action, error) {
	i, err := p.enter()
	if err != nil {
		return 0, err
	}
	defer p.group.lane.Unlock()
	i.frame.end = end
	size := 0
	if b := p.stream.Body(p, d); b != nil {
		size = b.Len()
	}
	f := i.fn.downstreamData
	if d == filter.Response {
		f = i.fn.upstreamData
	}
	v, err := p.tell(i, f, uint64(p.id), uint64(size), bit(end))
	if err == nil && d == filter.Response && end {
		_, err = p.tell(i, i.fn.upstreamClose, uint64(p.id), closedUnknown)
	}
	action := filter.ActionContinue
	if uint32(v) != 0 {
		action = filter.ActionPause
	}
	return p.pass(d, end, action, err)
}

// goneOfConnection are the phases that a part has behind it, in a direction: each
// half ends by itself.
func (p *part) goneOfConnection(d filter.Direction) filter.Phases {
	gone := filter.PhaseRequestHeaders
	if d == filter.Response {
		gone = filter.PhaseResponseHeaders
	}
	if p.ended[d] {
		gone |= [...]filter.Phases{filter.PhaseRequestBody, filter.PhaseResponseBody}[d]
	}
	return gone
}

// Who ended a connection, by the ABI's numbers.
const (
	closedUnknown = 0
	closedLocal   = 1
	closedRemote  = 2
)

// closed makes the last callbacks, in Envoy's order for connections:
// on_downstream_connection_close, on_done, on_log, on_delete. Their failures end the
// instance, not this connection, which is over.
func (p *part) closed(i *instance) {
	who := uint64(closedLocal)
	if p.stream.Info().PeerClosed {
		who = closedRemote
	}
	if _, err := p.tell(i, i.fn.downstreamClose, uint64(p.id), who); err != nil || p.root.stateless {
		return
	}
	for _, last := range [...]struct {
		kind kind
		f    *wasm.Function
	}{{kindEnd, i.fn.done}, {kindLog, i.fn.log}, {kindEnd, i.fn.delete}} {
		if last.f == nil || p.inst == nil { // the one before may have ended the instance
			continue
		}
		i.enter(last.kind, target{p.root, p})
		_, _ = i.in.Call(last.f, uint64(p.id))
		i.leave()
	}
}

// tell makes one callback of the connection. f is nil where the guest has none.
func (p *part) tell(i *instance, f *wasm.Function, args ...uint64) (uint64, error) {
	if f == nil {
		return 0, nil
	}
	i.enter(kindPhase, target{p.root, p})
	v, err := i.in.Call(f, args...)
	i.leave()
	return v, err
}
