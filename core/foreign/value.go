package foreign

import (
	"errors"
	"time"

	"github.com/weirproxy/weir/core/state"
)

// valueFunctions are shared data with what the ABI's own lacks: deletion, a
// time to live and counters.
var valueFunctions = []Function{
	{Name: "weir.kv_get", Run: kvGet},
	{Name: "weir.kv_version", Run: kvVersion},
	{Name: "weir.kv_set", Run: kvSet},
	{Name: "weir.kv_delete", Run: kvDelete},
	{Name: "weir.kv_increment", Run: kvIncrement},
}

// kvGet: key → cas u32, value.
func kvGet(c Call, dst, key []byte) ([]byte, int64, Status) {
	at := len(dst)
	dst = appendU32(dst, 0)
	out, cas, ok := c.State().Get(dst, key)
	if !ok {
		return dst, kvCost(0), NotFound
	}
	appendU32(out[:at], cas)
	return out, kvCost(len(out) - at), OK
}

// kvVersion: key → cas u32.
func kvVersion(c Call, dst, key []byte) ([]byte, int64, Status) {
	cas := c.State().Version(key)
	if cas == 0 {
		return dst, kvCost(0), NotFound
	}
	return appendU32(dst, cas), kvCost(0), OK
}

// kvSet: ttl i64 (ns, 0: none), cas u32, key length u32, key, value → cas u32.
func kvSet(c Call, dst, b []byte) ([]byte, int64, Status) {
	a := args{b: b}
	ttl := a.i64()
	cas := a.u32()
	key := a.bytes(a.u32())
	value := a.rest()
	if !a.ok() || ttl < 0 {
		return dst, refusal, BadArgument
	}
	next, err := c.State().Set(key, value, cas, time.Duration(ttl))
	if err != nil {
		return dst, kvCost(len(value)), status(err)
	}
	return appendU32(dst, next), kvCost(len(value)), OK
}

// kvDelete: cas u32, key → nothing.
func kvDelete(c Call, dst, b []byte) ([]byte, int64, Status) {
	a := args{b: b}
	cas := a.u32()
	key := a.rest()
	if !a.ok() {
		return dst, refusal, BadArgument
	}
	return dst, kvCost(0), status(c.State().Delete(key, cas))
}

// kvIncrement: delta i64, ttl i64 (ns, 0: none), key → sum i64.
func kvIncrement(c Call, dst, b []byte) ([]byte, int64, Status) {
	a := args{b: b}
	delta := a.i64()
	ttl := a.i64()
	key := a.rest()
	if !a.ok() || ttl < 0 {
		return dst, refusal, BadArgument
	}
	sum, err := c.State().Increment(key, delta, time.Duration(ttl))
	if err != nil {
		return dst, kvCost(0), status(err)
	}
	return appendI64(dst, sum), kvCost(0), OK
}

// kvCost is for a value of n bytes, in nanoseconds.
func kvCost(n int) int64 { return 50 + int64(n)/8 }

// status is what the guest is told of an error of core/state.
func status(err error) Status {
	switch {
	case err == nil:
		return OK
	case errors.Is(err, state.ErrNotFound):
		return NotFound
	case errors.Is(err, state.ErrMismatch):
		return CASMismatch
	case errors.Is(err, state.ErrFull):
		return InternalFailure
	}
	return BadArgument
}
