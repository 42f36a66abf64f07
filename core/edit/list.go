package edit

import (
	"github.com/weirproxy/weir/core/circuit"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/retry"
	"github.com/weirproxy/weir/core/state"
)

// List is the edits of one filter, in the order in which they are made. It is
// written by Add and Recall and then only read, by any number of streams at once.
// The zero value has none.
type List struct {
	groups []group
	edits  int
	bytes  int
	phases filter.Phases
	retry  *retry.Policy
	recall *memory
	gated  bool // one edit is a gate or a breaker
}

// group is what one call has declared.
type group struct {
	edits   []edit
	strict  bool   // an edit that is refused answers the request
	made    uint32 // counter of heads that were changed
	refused uint32 // counter of edits that were refused
	phases  filter.Phases
}

// NoMetric stands for no counter. No metric has this id.
const NoMetric = 1<<32 - 1

// edit is one change, and when to make it.
type edit struct {
	phase  filter.Phases
	action action
	class  int    // of the status, in hundreds; 0 for any
	code   int    // the status itself; 0 for any
	within string // prefix of the request's path
	name   string // of the field or property; the prefix that is replaced
	value  value
	rate   state.Rate     // of a gate
	policy circuit.Policy // of a breaker
}

type action uint8

const (
	remove action = iota
	set
	add
	addIfAbsent
	setUnlessPlain
	setProperty
	replacePrefix
	gate
	breaker
	onlyIf
	onlyUnless
	spare
	lastAction = spare
)

// Retry has streams be tried again by a policy.
func (l *List) Retry(p *retry.Policy) {
	l.retry = p
	l.phases |= filter.PhaseRequestHeaders
}

// Phases are those in which something is to be done.
func (l *List) Phases() filter.Phases { return l.phases }

// The bounds of a list.
const (
	maxEdits = 256
	maxBytes = 64 << 10 // of all encodings together
)

// phasesOf are the phases by their numbers.
var phasesOf = [...]filter.Phases{filter.PhaseRequestHeaders, filter.PhaseResponseHeaders, filter.PhaseLog}
