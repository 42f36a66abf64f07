package sdk

import "github.com/weirproxy/weir/sdk/internal/abi"

// Reply is an answer in the upstream's place. Make strings of bytes with
// [View]: nothing is kept.
type Reply struct {
	Status  int // 200 to 599
	Headers []Field
	Body    string // text/plain unless Headers say otherwise
	Details string // for the access log, not for the client
	// GRPC is the gRPC status for gRPC requests; 0 derives it from Status.
	GRPC int32
}

// Reply answers the client once the callback has returned; what the handler
// returns does not matter then. The first of a callback stays.
func (s *Stream) Reply(r Reply) error {
	var headers []byte
	if len(r.Headers) > 0 {
		scratch = appendPairs(scratch[:0], r.Headers)
		headers = scratch
	}
	grpc := int32(-1)
	if r.GRPC > 0 {
		grpc = r.GRPC
	}
	return abi.Reply(uint32(r.Status), r.Details, r.Body, headers, grpc).Err()
}
