package proxywasm

import (
	"errors"
	"net/http"

	"github.com/weirproxy/weir/core/edit"
	"github.com/weirproxy/weir/core/filter"
)

// functionEdits declares, within on_configure, changes that the host makes by
// itself in every stream of the root.
const functionEdits = "weir.edits"

func (i *instance) declareEdits(args []byte) status {
	ri := i.frame.own.root
	if i.frame.kind != kindConfigure || ri == nil {
		return statusBadArgument
	}
	switch err := ri.edits.Add(args); {
	case errors.Is(err, edit.ErrTooMany):
		return statusInternalFailure
	case err != nil:
		return statusBadArgument
	}
	return statusOK
}

// edit makes the edits of a phase, before its callback. The stream's owner
// calls it, without a lane. It answers Refused when it has answered the request.
func (p *part) edit(phase filter.Phases) edit.Outcome {
	r, g := p.filter.root, p.group
	if r.edits.Phases()&phase == 0 {
		return edit.Made
	}
	room := edit.Room{State: r.vm.space, Enter: p, Memory: g.arena, Left: maxWritten - g.written}
	if phase == filter.PhaseRequestHeaders && r.edits.Recalls() {
		room.Now = r.vm.host.Clock.Now().UnixNano()
	}
	outcome := r.edits.Apply(p.stream, phase, &room, r.vm.metrics)
	g.arena, g.written = room.Memory, maxWritten-room.Left
	if outcome == edit.Refused {
		p.stream.Reply(filter.Reply{Status: http.StatusBadRequest, Details: "filter_edit_refused", Body: refusedBody, GRPC: -1})
	}
	return outcome
}

var refusedBody = []byte("this request cannot be served\n")

// called says whether the guest takes part in a phase.
func (p *part) called(phase filter.Phases) bool { return p.filter.root.calls&phase != 0 }

// uncalled settles a phase for which there are edits, but no callback.
func (p *part) uncalled(d filter.Direction, end bool) (filter.Action, error) {
	if p.id != 0 { // what is noted is the lane's: the instance may die just now
		p.group.lane.Lock()
		defer p.group.lane.Unlock()
	}
	return p.pass(d, end, p.unasked(d), nil)
}
