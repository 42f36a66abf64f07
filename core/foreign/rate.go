package foreign

import (
	"time"

	"github.com/weirproxy/weir/core/state"
)

// rateFunctions are rate limits, exact over all lanes.
var rateFunctions = []Function{{Name: "weir.rate_take", Run: rateTake}}

// rateTake: algorithm u32, scope u32, limit i64, period i64 (ns), burst i64,
// cost i64, key → allowed u32, crowded u32, remaining i64, reset i64 (ns),
// retry i64 (ns, -1: never).
func rateTake(c Call, dst, b []byte) ([]byte, int64, Status) {
	const cost = 150
	a := args{b: b}
	rate := state.Rate{Algorithm: state.Algorithm(a.u32())}
	scope := a.u32()
	rate.Fleet = scope == 1
	rate.Limit = a.i64()
	rate.Period = time.Duration(a.i64())
	rate.Burst = a.i64()
	units := a.i64()
	key := a.rest()
	if !a.ok() || scope > 1 {
		return dst, refusal, BadArgument
	}
	d, err := c.State().Take(key, units, rate)
	if err != nil {
		return dst, refusal, status(err)
	}
	dst = appendBool(dst, d.Allowed)
	dst = appendBool(dst, d.Crowded)
	dst = appendI64(dst, d.Remaining)
	dst = appendI64(dst, int64(d.Reset))
	if d.Retry == state.Never {
		d.Retry = -1
	}
	return appendI64(dst, int64(d.Retry)), cost, OK
}
