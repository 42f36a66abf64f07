package wasm

import (
	"errors"
	"fmt"
	"runtime"
	"strings"

	"github.com/tetratelabs/wazero/sys"

	"github.com/weirproxy/weir/core/fault"
)

// Trap is what a host function panics with to end the instance that called
// it. Nothing of it reaches a client.
type Trap struct {
	Kind   fault.Kind // fault.GuestBudget, else it counts as fault.GuestTrap
	Reason string
}

// Error is the reason.
func (t *Trap) Error() string { return t.Reason }

// maxTrapText bounds what of a trap's text and stack is kept for logs, in bytes.
const maxTrapText = 4 << 10

// classify makes a *fault.Error of what ended guest code called as op. What is
// neither the guest's doing nor a host function's decision is a bug of ours:
// it is logged as one, with its stack.
func (in *Instance) classify(op string, err error) *fault.Error {
	if known, ok := errors.AsType[*fault.Error](err); ok {
		return known
	}
	kind := fault.GuestTrap
	if trap, ok := errors.AsType[*Trap](err); ok {
		if trap.Kind == fault.GuestBudget {
			kind = trap.Kind
		}
	} else if exit, ok := errors.AsType[*sys.ExitError](err); ok {
		err = fmt.Errorf("the guest exited with code %d", exit.ExitCode())
	} else if in.recurse != nil && int64(in.recurse.Get()) < 0 {
		err = fmt.Errorf("the guest recursed too deep, by more than %d KiB of stack: %w", stackKiB, err)
	} else if ours(err) {
		in.vm.module.engine.bug(in, op, err)
	}
	what := "running filter code of " + in.vm.name
	if op != "" {
		what = fmt.Sprintf("running %s of %s", op, in.vm.name)
	}
	return fault.New(kind, what, trimmed{err})
}

// exitedWell says that the guest ended with exit code 0.
func exitedWell(err error) bool {
	exit, ok := errors.AsType[*sys.ExitError](err)
	return ok && exit.ExitCode() == 0
}

// ours tells a bug in the host from a trap. wazero's own traps come as text
// only: their type is internal to it.
func ours(err error) bool {
	if _, ok := errors.AsType[runtime.Error](err); ok {
		return true
	}
	text := err.Error()
	return strings.Contains(text, "(recovered by wazero)") && !strings.HasPrefix(text, "wasm error:")
}

// trimmed is an error whose text is bounded: a guest chooses its functions' names.
type trimmed struct{ error }

func (t trimmed) Error() string {
	s := strings.Replace(t.error.Error(), " (recovered by wazero)", "", 1)
	if len(s) > maxTrapText {
		s = s[:maxTrapText] + "…"
	}
	return s
}

func (t trimmed) Unwrap() error { return t.error }
