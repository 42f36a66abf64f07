package proxywasm

import (
	"errors"

	"github.com/weirproxy/weir/core/filter"
)

// A filter is one of requests or one of connections: Spec.Connections says so. One
// that stands where it has nothing to do would let everything pass in silence.

var (
	errNotOfConnections = errors.New("the filter has callbacks of requests alone, not of connections (proxy_on_new_connection and its like): " +
		"name it in the filters of a route, not in those of [[tcp]]")
	errNotOfRequests = errors.New("the filter has callbacks of connections alone, not of requests (proxy_on_request_headers and its like): " +
		"name it in the filters of [[tcp]], not in those of a route or a role")
)

// checkKind refuses a filter that takes part in what it does not stand in, and in what it
// does not.
func (ri *rootInstance) checkKind() error {
	t := ri.i.vm.phases
	if ri.declares {
		t = taken{ri.declared.http & t.http, ri.declared.connections & t.connections}
	}
	requests, connections := t.http&^filter.PhaseLog != 0, t.connections&^filter.PhaseLog != 0 || ri.closes()
	switch {
	case ri.root.spec.Connections && requests && !connections:
		return errNotOfConnections
	case !ri.root.spec.Connections && connections && !requests && ri.edits.Phases() == 0:
		return errNotOfRequests
	}
	return nil
}

// closes says whether the guest is told of the ends of connections, which it may be
// without taking part in anything before.
func (ri *rootInstance) closes() bool {
	return !ri.declares && (ri.i.fn.downstreamClose != nil || ri.i.fn.upstreamClose != nil)
}
