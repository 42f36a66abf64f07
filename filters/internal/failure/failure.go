// Package failure reads what filters count as a failure of an upstream: HTTP
// statuses, statuses of gRPC, and faults for want of an answer.
//
// Start at [Statuses].
package failure

import (
	"strconv"

	"github.com/weirproxy/weir/sdk/jsonconf"
	"github.com/weirproxy/weir/sdk/weir"
)

// Statuses reads a list of statuses, each a number or a class: [429, "5xx"].
func Statuses(r *jsonconf.Reader) (s weir.Statuses) {
	r.List(func(int) {
		if !r.IsString() {
			s.Add(int(r.Int(400, 599)))
			return
		}
		first := 500
		if r.OneOf("4xx", "5xx") == "4xx" {
			first = 400
		}
		for n := range 100 {
			s.Add(first + n)
		}
	})
	return s
}

// calls are the statuses of gRPC by their numbers.
var calls = [...]string{
	"ok", "cancelled", "unknown", "invalid-argument", "deadline-exceeded", "not-found", "already-exists",
	"permission-denied", "resource-exhausted", "failed-precondition", "aborted", "out-of-range",
	"unimplemented", "internal", "unavailable", "data-loss", "unauthenticated",
}

// GRPC reads a list of statuses of gRPC by their names: bit n is status n.
func GRPC(r *jsonconf.Reader) uint32 {
	return set(r, calls[1:]) << 1 // one that went well is no failure
}

// Call reads the name of one status of gRPC that is a failure.
func Call(r *jsonconf.Reader) int32 {
	v := r.OneOf(calls[1:]...)
	for n, name := range calls {
		if name == v {
			return int32(n)
		}
	}
	return 0
}

// Faults reads a list of faults.
func Faults(r *jsonconf.Reader) weir.Faults {
	return weir.Faults(set(r, []string{"connect", "timeout", "reset", "protocol"}))
}

func set(r *jsonconf.Reader, names []string) (bits uint32) {
	r.List(func(int) {
		v := r.OneOf(names...)
		for n, name := range names {
			if name == v {
				bits |= 1 << n
			}
		}
	})
	return bits
}

// Seconds is a time in whole seconds, rounded up, at least one: for Retry-After.
func Seconds(b []byte, nanoseconds int64) []byte {
	return strconv.AppendInt(b, max(1, (nanoseconds+1e9-1)/1e9), 10)
}
