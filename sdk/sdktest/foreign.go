package sdktest

import (
	"slices"

	"github.com/weirproxy/weir/sdk/internal/abi"
	"github.com/weirproxy/weir/sdk/internal/le"
)

// function is one of Weir's own: it appends its result to dst.
type function func(h *Host, dst []byte, a *args) ([]byte, abi.Status)

// functions are those that Weir has, by name.
var functions = map[string]function{
	"weir.phases":              declarePhases,
	"weir.edits":               declareEdits,
	"weir.trace":               declareTrace,
	"weir.order":               declareOrder,
	"weir.rate_take":           rateTake,
	"weir.circuit_enter":       circuitEnter,
	"weir.retry_policy":        retryPolicy,
	"weir.async.sleep":         sleep,
	"weir.kv_get":              valueGet,
	"weir.kv_version":          valueVersion,
	"weir.kv_set":              valueSet,
	"weir.kv_delete":           valueDelete,
	"weir.kv_increment":        valueIncrement,
	"weir.hash":                digest,
	"weir.hmac":                keyedDigest,
	"weir.random":              random,
	"weir.constant_time_equal": constantTimeEqual,
	"weir.regex":               matchRegex,
	"weir.encode":              encodeResponse,
	"weir.mirror":              askMirror,
	"weir.jwt_verify":          verifyAtOnce,
	"weir.password_verify":     passwordAtOnce,
}

// Foreign calls a function of the test's, or one of Weir's.
func (h *Host) Foreign(name string, b []byte) ([]byte, abi.Status) {
	if f := h.o.Functions[name]; f != nil {
		result, err := f(b)
		if err != nil {
			if s, ok := err.(abi.Status); ok {
				return nil, s
			}
			return nil, abi.InternalFailure
		}
		return h.arena.keep(result), abi.OK
	}
	f, later := functions[name], asynchronous(name)
	if f == nil && later == nil || h.o.Elsewhere || slices.Contains(h.o.Without, name) {
		return nil, abi.NotFound
	}
	if later != nil {
		return h.sendErrand(later, b)
	}
	h.args = args{b: b}
	result, s := f(h, h.result[:0], &h.args)
	if s != abi.OK {
		return nil, s
	}
	h.result = result
	return h.arena.keep(result), abi.OK
}

// args takes binary arguments apart. After the first that is missing all are
// zero, and bad is set.
type args struct {
	b   []byte
	bad bool
}

func (a *args) take(n int) []byte {
	if a.bad || n > len(a.b) || n < 0 {
		a.bad = true
		return nil
	}
	v := a.b[:n:n]
	a.b = a.b[n:]
	return v
}

func (a *args) u32() uint32 {
	if v := a.take(4); v != nil {
		return le.Uint32(v)
	}
	return 0
}

func (a *args) i64() int64 {
	if v := a.take(8); v != nil {
		return int64(le.Uint64(v))
	}
	return 0
}

func (a *args) rest() []byte { return a.take(len(a.b)) }

func appendBool(dst []byte, v bool) []byte {
	if v {
		return le.AppendUint32(dst, 1)
	}
	return le.AppendUint32(dst, 0)
}

// declarePhases takes the set of phases that the filter takes part in.
func declarePhases(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	phases := a.u32()
	if a.bad || h.phase != configuring {
		return nil, abi.BadArgument
	}
	h.phases = phases
	return dst, abi.OK
}
