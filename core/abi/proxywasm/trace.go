package proxywasm

import (
	"bytes"
	"encoding/hex"
	"errors"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trace"
)

// functionTrace declares, within on_configure, how streams of routes with the filter
// are traced, which the host does by itself.
const functionTrace = "weir.trace"

func (i *instance) declareTrace(args []byte) status {
	ri := i.frame.own.root
	if i.frame.kind != kindConfigure || ri == nil || ri.tracing != nil {
		return statusBadArgument
	}
	p, err := trace.Read(args)
	switch {
	case errors.Is(err, trace.ErrTooLarge):
		return statusInternalFailure
	case err != nil:
		return statusBadArgument
	}
	ri.tracing = p
	return statusOK
}

// Tracing is what the filter declared of tracing, nil for nothing.
func (f *Filter) Tracing() *trace.Policy { return f.root.tracing }

// trace is the step of a trace that what the running callback asks others for is a
// part of, with bytes of its own.
func (i *instance) trace() (c stream.TraceContext) {
	if p := i.frame.at.part; p != nil && i.holds(p.stream) {
		c = p.stream.TraceOf(p)
		c.State = bytes.Clone(c.State)
	}
	return c
}

// traceProperty is an id of the stream's trace, in hex.
func (i *instance) traceProperty(id []byte, info *stream.Info) ([]byte, status) {
	if !info.Trace.Valid() {
		return nil, statusNotFound
	}
	i.scratch = hex.AppendEncode(i.scratch[:0], id)
	return i.scratch, statusOK
}

var _ filter.Metered = (*part)(nil)

// Burned is what the part's callbacks have burned.
func (p *part) Burned() uint64 {
	if p.group.lane == nil {
		return 0
	}
	p.group.lane.Lock()
	defer p.group.lane.Unlock()
	return p.burned
}
