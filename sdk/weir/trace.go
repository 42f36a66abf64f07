package weir

import (
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// Trace is how the requests of a filter's routes are traced. Declared once, the host
// does all of it: no callback is made for it.
type Trace struct {
	Share     float64 // of the traces that begin here, which are recorded; 0 to 1
	PerSecond uint32  // of them that are recorded in a second at most; 0 for no bound
	Parent    TraceParent
	Always    string       // field, in lower case, by which a caller that is heeded has its trace recorded; may be ""
	Read      TraceFormats // in which callers tell of their trace, the first that is there
	Write     TraceFormats // in which upstreams are told
	Filters   bool         // a span for each filter
	Query     bool         // the attribute url.query
	Name      []EditPart   // of a request's span; nil for the method and the route
	Tags      []TraceTag   // at most 32
}

// TraceTag is an attribute of a request's span. One whose sources are all empty is
// left out. What is taken from a response is what the client was sent.
type TraceTag struct {
	Key   string // printable ASCII, up to 128 bytes
	Value []EditPart
}

// TraceParent says whose traces are gone on with. Those of others are linked to.
type TraceParent uint32

// The choices.
const (
	TrustedParents TraceParent = iota // of the mesh, and of those that trust.proxies names
	AllParents
	NoParents
)

// TraceFormats is a set of formats.
type TraceFormats uint32

// The formats.
const (
	TraceW3C TraceFormats = 1 << iota
	TraceB3
	TraceB3Multi
)

// Declare hands it to the host, when the filter is configured. sdk.ErrNotFound says
// that this host does not trace.
func (t *Trace) Declare() error {
	flags := uint32(0)
	if t.Filters {
		flags |= 1
	}
	if t.Query {
		flags |= 2
	}
	b := le.AppendUint32(nil, 1) // version
	b = le.AppendUint32(le.AppendUint32(b, flags), uint32(t.Parent))
	b = le.AppendUint64(b, uint64(t.Share*(1<<56)))
	b = le.AppendUint32(b, t.PerSecond)
	b = le.AppendUint32(le.AppendUint32(b, uint32(t.Read)), uint32(t.Write))
	b = appendParts(appendText(b, t.Always), t.Name)
	b = le.AppendUint32(b, uint32(len(t.Tags)))
	for _, g := range t.Tags {
		b = appendParts(appendText(b, g.Key), g.Value)
	}
	_, err := sdk.Foreign("weir.trace", b)
	return err
}
