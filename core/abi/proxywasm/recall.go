package proxywasm

import (
	"encoding/binary"
	"errors"

	"github.com/weirproxy/weir/core/edit"
	"github.com/weirproxy/weir/core/filter"
)

// functionRecall declares, within on_configure, by which facts of a request a filter
// decides; functionRemember says of the request at hand what that comes to.
const (
	functionRecall   = "weir.recall"
	functionRemember = "weir.remember"
)

func (i *instance) declareRecall(args []byte) status {
	ri := i.frame.own.root
	if i.frame.kind != kindConfigure || ri == nil || ri.edits.Recall(args) != nil {
		return statusBadArgument
	}
	return statusOK
}

func (i *instance) remember(args []byte) status {
	p := i.frame.own.part
	if i.frame.kind != kindPhase || p == nil || i.frame.at.part != p || p.ofConnection() ||
		p.stream.Phase() != filter.PhaseRequestHeaders || len(args) < 8 {
		return statusBadArgument
	}
	i.in.Charge(rememberUnits + int64(len(args)))
	until, now := int64(binary.LittleEndian.Uint64(args)), i.vm.host.Clock.Now().UnixNano()
	switch err := p.filter.root.edits.Remember(p.stream, i.vm.space, args[8:], i.scratch[:0], now, until); {
	case errors.Is(err, edit.ErrTooMany), errors.Is(err, edit.ErrNoRoom):
		return statusInternalFailure
	case errors.Is(err, edit.ErrNoKey):
		return statusEmpty
	case errors.Is(err, edit.ErrStale):
		return statusCASMismatch
	case err != nil:
		return statusBadArgument
	}
	return statusOK
}

// rememberUnits is what that costs beside its bytes.
const rememberUnits = 1000
