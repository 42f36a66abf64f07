package foreign

import (
	"github.com/weirproxy/weir/core/circuit"
	"github.com/weirproxy/weir/core/state"
)

// circuitFunctions are circuit breakers, exact over all lanes.
var circuitFunctions = []Function{{Name: "weir.circuit_enter", Run: circuitEnter}}

// circuitEnter: policy, key → allowed u32, state u32, retry i64 (ns).
func circuitEnter(c Call, dst, b []byte) ([]byte, int64, Status) {
	const cost = 200
	if len(b) < circuit.Size || len(b)-circuit.Size > state.MaxKey {
		return dst, refusal, BadArgument
	}
	p, err := circuit.Parse(b[:circuit.Size])
	if err != nil {
		return dst, refusal, BadArgument
	}
	d, s := c.EnterCircuit(p, b[circuit.Size:])
	if s != OK {
		return dst, cost, s
	}
	dst = appendBool(dst, d.Allowed)
	dst = appendU32(dst, uint32(d.State))
	return appendI64(dst, int64(d.Retry)), cost, OK
}
