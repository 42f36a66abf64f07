package proxy

import (
	"net/http"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/grpc"
)

// grpcStatus is how a gRPC call ended: by its trailers, by its head if that is
// all there was, or else by what its client makes of what it got. It is
// grpc.None for any other request.
func (x *exchange) grpcStatus() grpc.Code {
	if !grpc.IsCall(x.st.Request()) {
		return grpc.None
	}
	if x.failed != nil {
		return fault.KindOf(x.failed).GRPC()
	}
	if c := grpc.StatusOf(x.st.Trailers(filter.Response)); c != grpc.None {
		return c
	}
	head := x.st.ResponseHead()
	if c := grpc.StatusOf(&head.Headers); c != grpc.None {
		return c
	}
	return grpc.FromHTTP(head.Status)
}

// refusal is the status by which an upstream answered a gRPC call without a
// message: in a head that is all there is, or as an HTTP status. It is
// grpc.None for an answer that may hold messages, and for any other request.
func (x *exchange) refusal() grpc.Code {
	if !grpc.IsCall(x.st.Request()) {
		return grpc.None
	}
	head := x.st.ResponseHead()
	if c := grpc.StatusOf(&head.Headers); c != grpc.None || head.Status == http.StatusOK {
		return c
	}
	return grpc.FromHTTP(head.Status)
}
