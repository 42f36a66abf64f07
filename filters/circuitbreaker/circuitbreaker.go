// Package circuitbreaker is the filter "circuitbreaker": where an upstream fails
// again and again it answers in its place for a while, and lets a few requests
// through then that find out whether it is well again.
//
// The circuits are in the host (weir.circuit_enter), which sees how each stream
// ends. Requests that may go on are let through there (weir.edits): a callback is
// left for those that are turned away.
//
// Start at [New].
package circuitbreaker

import (
	"github.com/weirproxy/weir/filters/internal/failure"
	"github.com/weirproxy/weir/filters/internal/template"
	"github.com/weirproxy/weir/sdk"
	"github.com/weirproxy/weir/sdk/weir"
)

func init() { sdk.Register("circuitbreaker", New) }

// filter is one configuration.
type filter struct {
	circuit weir.Circuit
	by      template.Template
	status  int // of the answer

	breaker *weir.Breaker
	key     []byte // of the request at hand; callbacks do not overlap
	prefix  int    // of key: what tells this filter from all others
	wait    []byte // the value of retry-after

	allowed     sdk.Counter
	denied      sdk.Counter
	unavailable sdk.Counter
	opened      sdk.Counter
	halfOpened  sdk.Counter
	closed      sdk.Counter
}

// New makes the filter. It needs a host that has circuits.
func New(r *sdk.Root) (sdk.Plugin, error) {
	if !weir.Here() {
		return nil, notHere{}
	}
	f := &filter{}
	if err := f.read(r.Config()); err != nil {
		return nil, err
	}
	f.allowed = sdk.NewCounter("circuitbreaker_allowed_total")
	f.denied = sdk.NewCounter("circuitbreaker_denied_total")
	f.unavailable = sdk.NewCounter("circuitbreaker_unavailable_total")
	f.opened = sdk.NewCounter("circuitbreaker_opened_total")
	f.halfOpened = sdk.NewCounter("circuitbreaker_half_opened_total")
	f.closed = sdk.NewCounter("circuitbreaker_closed_total")
	f.circuit.Opened, f.circuit.HalfOpened, f.circuit.Closed = &f.opened, &f.halfOpened, &f.closed
	f.breaker = weir.NewBreaker(f.circuit)
	name, _ := sdk.Property("plugin_name")
	f.key = append(append(f.key, name...), 0)
	f.prefix = len(f.key)
	f.declare()
	return f, nil
}

type notHere struct{}

func (notHere) Error() string {
	return "the host has no weir.circuit_enter; circuitbreaker runs in Weir only"
}

// declare has the host let requests through whose circuit is closed.
func (f *filter) declare() {
	var order weir.Order
	f.by.Properties(order.Reads)
	order.Declare()
	parts, ok := f.by.EditParts()
	if !ok {
		return
	}
	key := append([]weir.EditPart{{Source: weir.Text, Text: string(f.key)}}, parts...)
	edits := weir.Edits{Made: &f.allowed}
	edits.Breaker(f.breaker, key)
	_ = edits.Declare() // hosts that do not know it make every callback
}

// longestKey is the longest key that is used as it is, in bytes. Of a longer one
// its digest is.
const longestKey = 120

// OnRequestHeaders answers what may not go on. Where circuits cannot be asked, the
// upstream is: that is what would be done without the filter.
func (f *filter) OnRequestHeaders(s *sdk.Stream, _ bool) sdk.Action {
	f.key, _ = f.by.Append(f.key[:f.prefix], s)
	if len(f.key)-f.prefix > longestKey {
		if digest, err := weir.Hash(weir.SHA256, f.key[f.prefix:]); err == nil {
			f.key = append(append(f.key[:f.prefix], 0), digest...)
		}
	}
	e, err := f.breaker.Enter(f.key)
	switch {
	case err != nil:
		f.unavailable.Add(1)
	case e.Allowed:
		f.allowed.Add(1)
	default:
		f.denied.Add(1)
		f.deny(s, e)
		return sdk.Pause
	}
	return sdk.Continue
}

func (f *filter) deny(s *sdk.Stream, e weir.Entry) {
	f.wait = failure.Seconds(f.wait[:0], int64(e.Retry))
	fields := [...]sdk.Field{{Name: "retry-after", Value: sdk.View(f.wait)}}
	s.Reply(sdk.Reply{
		Status: f.status, Details: "circuit_open", Body: "the service fails; try again later\n",
		Headers: fields[:], GRPC: unavailable,
	})
}

// unavailable is the status of gRPC that says to try again later.
const unavailable = 14
