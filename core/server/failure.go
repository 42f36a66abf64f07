package server

import (
	"net/http"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/proxy"
)

// sides are who failed, as the access log names them.
var sides = map[fault.Side]string{
	fault.Internal: "proxy", fault.Downstream: "client", fault.Upstream: "upstream", fault.Guest: "filter",
}

// failure is who failed a stream, and why in a word; nobody for one that went well. A
// filter that answers with an error has done its duty, but the client is told no.
func failure(r *proxy.Record, status int) (by, why string) {
	info := r.Stream.Info()
	if r.Err != nil {
		return failureOf(fault.KindOf(r.Err))
	}
	if kind, ok := r.Stream.Fault(); ok {
		return failureOf(kind)
	}
	failed := status >= http.StatusInternalServerError || r.GRPC.Fault()
	switch {
	case info.Filter != "" && r.Stream.Local() && (failed || status >= http.StatusBadRequest):
		return "filter", "reply"
	case info.Filter != "" && !r.Stream.Local():
		return "filter", "reset"
	case failed && !r.Stream.Local():
		return "upstream", "status"
	}
	return "", ""
}

func failureOf(kind fault.Kind) (by, why string) { return sides[kind.Side()], kind.String() }
