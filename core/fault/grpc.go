package fault

import "github.com/weirproxy/weir/core/grpc"

// GRPC is the status that a gRPC call is answered with: that of the HTTP
// status, but where gRPC has a word of its own for what happened.
func (k Kind) GRPC() grpc.Code {
	switch k {
	case Deadline, UpstreamTimeout, PerTryTimeout:
		return grpc.DeadlineExceeded
	case BodyTooLarge, HeadTooLarge, GuestBodyLimit, GuestResponseLimit:
		return grpc.ResourceExhausted
	case ClientGone:
		return grpc.Cancelled
	}
	return grpc.FromHTTP(k.Status())
}
