package explain

import (
	"strconv"
	"time"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/grpc"
)

// given is the time that a filter, or the client of a gRPC call, gives the request; 0
// for none.
func (x *inquiry) given() (d time.Duration, by string) {
	d, by = x.info.Wishes.Within, "filter"
	if v, ok := x.head.Headers.Get("grpc-timeout"); ok && grpc.IsCall(&x.head) {
		if c, ok := grpc.ParseTimeout(v); ok && (d == 0 || c < d) {
			d, by = max(c, 1), "client"
		}
	}
	return d, by
}

// tell has the upstream be told what is left of the time given: here, where none has
// passed, all of it.
func (x *inquiry) tell(given time.Duration, r *config.Route) {
	if given == 0 {
		return
	}
	if r.Timeout > 0 {
		given = min(given, time.Duration(r.Timeout))
	}
	if grpc.IsCall(&x.head) {
		x.head.Headers.SetNamed("grpc-timeout", grpc.AppendTimeout(nil, given))
	}
	if field := x.info.Wishes.TimeoutField; field != "" {
		x.head.Headers.SetNamed(field, strconv.AppendInt(nil, given.Milliseconds(), 10))
	}
}
