// Package filter is the contract between a chain and the filters in it. It
// holds interfaces and enums only: package chain runs them, packages under
// abi implement them for Wasm guests.
//
// Start at [Filter], [Part] and [Stream].
package filter

// Filter is one configured unit of logic, shared by all streams of the
// snapshots that name it. All methods may be called from any goroutine.
type Filter interface {
	// Name is the filter's key in the configuration.
	Name() string
	// Phases are those it takes part in. The others cost nothing.
	Phases() Phases
	// Group names what filters of a chain may share within one stream (a VM):
	// filters with equal, non-nil groups are given each other's parts. The
	// value must be comparable.
	Group() any
	// Attach makes the filter's part in a stream, before its first callback.
	// peer is the part of another filter of the same group, or nil.
	Attach(s Stream, peer Part) (Part, error)
	// Close ends the filter when the last snapshot that names it is gone.
	Close()
}

// Part is a filter's side of one stream. The chain calls it from one
// goroutine at a time. An error means that the filter failed (trap, budget,
// no instance): the part is not called again but for Close, and the chain
// acts by the filter's [OnError].
//
// Body bytes are in s.Body(part, dir): what the filter leaves there is passed on
// when it answers ActionContinue, and kept and shown again, grown by the next
// chunk, when it answers ActionPause.
type Part interface {
	RequestHeaders(end bool) (Action, error)
	RequestBody(end bool) (Action, error)
	RequestTrailers() (Action, error)
	ResponseHeaders(end bool) (Action, error)
	ResponseBody(end bool) (Action, error)
	ResponseTrailers() (Action, error)
	// Log is called once all has been answered, in every filter of the chain
	// before the first Close.
	Log()
	// Close is called exactly once, last. It must not block.
	Close()
}

// Metered is a part that knows what its callbacks have burned of the processor, in
// nanoseconds by the meter.
type Metered interface{ Burned() uint64 }

// Action is what a filter answers.
type Action uint8

// The actions.
const (
	// ActionContinue passes on what the filter saw.
	ActionContinue Action = iota
	// ActionPause holds it: the head until [Stream.Resume], body bytes until
	// the next callback or Resume.
	ActionPause
	// ActionPauseBuffering, for heads: like ActionPause, but the body callbacks go
	// on, and the first that answers ActionContinue releases the head too. So does a
	// piece for which the filter takes no callback, unless it guards something.
	ActionPauseBuffering
	// ActionDropBody, for bodies: a piece that was shown is discarded, and the stream
	// waits for the next. What is held waits too: a head, pieces before it, and
	// the message's end, which passes with a later callback or Resume.
	ActionDropBody
)

// Phases is a set of the phases of a stream.
type Phases uint16

// The phases, in the order of a stream's life.
const (
	PhaseRequestHeaders Phases = 1 << iota
	PhaseRequestBody
	PhaseRequestTrailers
	PhaseResponseHeaders
	PhaseResponseBody
	PhaseResponseTrailers
	PhaseLog

	// AllPhases is every phase.
	AllPhases Phases = 1<<iota - 1
)

var phaseNames = [...]string{"request_headers", "request_body", "request_trailers",
	"response_headers", "response_body", "response_trailers", "log"}

// Names are the names of the phases, in the order of a stream's life.
func (p Phases) Names() []string {
	names := []string{}
	for i, name := range phaseNames {
		if p&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// Direction is one half of a stream.
type Direction uint8

// The directions.
const (
	Request Direction = iota
	Response
)

// OnError says what becomes of a stream whose filter failed.
type OnError uint8

// The policies.
const (
	// FailClosed answers 503.
	FailClosed OnError = iota
	// FailOpen goes on without the filter.
	FailOpen
)
