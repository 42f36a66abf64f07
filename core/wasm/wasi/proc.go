package wasi

import "github.com/tetratelabs/wazero/sys"

// pollOneoff answers that nothing happened, at once: a guest that sleeps would
// keep its lane. It burns fuel instead until it stops waiting.
func pollOneoff(g Guest, a []uint64) errno {
	if !g.WriteU32(uint32(a[3]), 0) {
		return fault
	}
	return ok
}

// procExit ends the guest's callback. What that means for its instance is the
// engine's to say.
func procExit(_ Guest, a []uint64) errno {
	panic(sys.NewExitError(uint32(a[0])))
}
