package sdktest

import (
	"slices"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// Mirror is a copy of a request that the filter has asked for.
type Mirror struct {
	Cluster, Host string
	MaxBody       int
	Timeout       int64 // nanoseconds
}

// Mirror is the copy that was asked for last, with an empty cluster if none was.
func (s *Stream) Mirror() Mirror { return s.mirror }

// askMirror: max body u32, time-out i64, host size u32, host, cluster → nothing.
func askMirror(h *Host, dst []byte, a *args) ([]byte, abi.Status) {
	bound, timeout := a.u32(), a.i64()
	host, cluster := a.take(int(a.u32())), a.rest()
	if a.bad || bound > 1<<20 || timeout < 0 || timeout > 60e9 || !slices.Contains(h.o.Calls, string(cluster)) {
		return nil, abi.BadArgument
	}
	if h.phase == configuring {
		return dst, abi.OK
	}
	s := h.effective
	if s == nil || s.half[abi.Request].headEnd && h.phase != requestHead {
		return nil, abi.BadArgument
	}
	if s.half[abi.Request].head.find("x-weir-mirrored") >= 0 {
		return nil, abi.Empty
	}
	m := &s.mirror
	m.MaxBody, m.Timeout = int(bound), timeout
	if m.Host != string(host) { // a stream that is run again asks for the same
		m.Host = string(host)
	}
	if m.Cluster != string(cluster) {
		m.Cluster = string(cluster)
	}
	return dst, abi.OK
}
