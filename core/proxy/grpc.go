package proxy

import (
	"net/http"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/stream"
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
	return grpc.Ended(x.st.ResponseHead(), x.st.Trailers(filter.Response))
}

// endCall ends a gRPC call whose time is over, and whose head is out, by the
// status that says so, where the client's protocol has trailers for certain. No
// filter sees them, nor what it held back: the stream has failed for them all.
func (x *exchange) endCall() bool {
	kind := fault.KindOf(x.failed)
	if kind.GRPC() != grpc.DeadlineExceeded || x.conn.gone.Load() || x.down.Ended() ||
		x.st.Request().Version != stream.HTTP2 || !grpc.IsCall(x.st.Request()) {
		return false
	}
	var t stream.Headers
	t.AddString("grpc-status", kind.GRPC().Text())
	t.AddNamed("grpc-message", grpc.AppendMessage(nil, []byte(http.StatusText(kind.Status()))))
	return x.down.WriteBody(nil, true, &t) == nil
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
