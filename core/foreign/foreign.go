// Package foreign holds the functions that guests reach by name through
// proxy_call_foreign_function: work that is too heavy for a guest, and state
// that must live in the host. Each group has a file. Their encodings are
// documented in sdk/ABI.md, so that any SDK can use them.
//
// A function checks its arguments, answers a [Status] and says what it cost,
// so that the guest pays for what it has done. What takes longer than a lane
// may be held is offered under a name of its own, marked Async: the caller of
// this package runs those beside the lane.
//
// Start at [Function] and [Registry].
package foreign

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/weirproxy/weir/core/circuit"
	"github.com/weirproxy/weir/core/coding"
	"github.com/weirproxy/weir/core/state"
)

// Status is what a guest is answered. Values are those of proxy-wasm.
type Status uint32

// The statuses.
const (
	OK                   Status = 0
	NotFound             Status = 1
	BadArgument          Status = 2
	SerializationFailure Status = 3
	Empty                Status = 7
	CASMismatch          Status = 8
	InternalFailure      Status = 10
	Unimplemented        Status = 12
)

// Call is what a function may reach of the callback that calls it.
type Call interface {
	// State is the namespace of the calling VM.
	State() *state.Namespace
	// ClearRoute has the route of the current stream matched again.
	ClearRoute() Status
	// SetFilterState stores a fact that later filters of the stream find as
	// the property filter_state.path.
	SetFilterState(path string, value []byte) Status
	// EnterCircuit asks whether the stream may go on by the circuit of a key,
	// which is told how the stream ends.
	EnterCircuit(p circuit.Policy, key []byte) (circuit.Decision, Status)
	// Retry has the current stream, or within on_configure every stream of the
	// filter, be tried again by an encoded policy.
	Retry(policy []byte) Status
	// Sleep answers the current stream later, unless so many streams of the filter
	// sleep already.
	Sleep(d time.Duration, most uint32) (id uint32, s Status)
	// Encode has the body of the current response pass through an encoder.
	Encode(c coding.Coding, level int) Status
}

// Func does the work. It appends its result to dst and answers all of it, and
// the work done in nanoseconds, roughly: with every status, for a refused call
// costs too. args is only read and not kept. With a status other than OK the
// result means nothing.
type Func func(c Call, dst, args []byte) (result []byte, cost int64, s Status)

// Function is one entry of the registry.
type Function struct {
	Name string
	// Async marks work of more than 50 us. The guest is answered OK at once,
	// with a call id of 4 bytes as result; Run gets a copy of the arguments and
	// runs on another goroutine, with a nil Call; status and result reach the
	// guest through proxy_on_foreign_function.
	Async bool
	Run   Func
}

// Registry finds functions by name.
type Registry struct {
	functions map[string]*Function
}

// NewRegistry has all functions of this package.
func NewRegistry() *Registry {
	r := &Registry{functions: make(map[string]*Function)}
	for _, group := range [][]Function{
		streamFunctions, encodeFunctions, compressFunctions, signatureFunctions,
		valueFunctions, rateFunctions, circuitFunctions, retryFunctions, sleepFunctions, digestFunctions, newRegex().functions(), newTokens().functions(), newPasswords().functions(), newJSON().functions(),
	} {
		for i := range group {
			r.functions[group[i].Name] = &group[i]
		}
	}
	return r
}

// Add adds a function of the caller's.
func (r *Registry) Add(f Function) error {
	if f.Name == "" || f.Run == nil {
		return fmt.Errorf("adding foreign function %q: needs a name and a body", f.Name)
	}
	if r.functions[f.Name] != nil {
		return fmt.Errorf("adding foreign function %q: name is taken", f.Name)
	}
	r.functions[f.Name] = &f
	return nil
}

// Find is the function of that name, or nil.
func (r *Registry) Find(name []byte) *Function { return r.functions[string(name)] }

// Names are all names in order.
func (r *Registry) Names() []string { return slices.Sorted(maps.Keys(r.functions)) }
