package grpc

import "github.com/weirproxy/weir/core/stream"

// ContentType is the type of gRPC's messages. A suffix may name their coding.
const ContentType = "application/grpc"

// IsCall says whether a request is a gRPC call: a POST of gRPC's type.
func IsCall(h *stream.RequestHead) bool {
	return string(h.Method) == "POST" && IsType(h.Headers.Peek("content-type"))
}

// IsType says whether a content type is gRPC's, with any suffix or parameter:
// "application/grpc+proto" is, "application/grpc-web" is not.
func IsType(contentType []byte) bool {
	const n = len(ContentType)
	return len(contentType) >= n && string(contentType[:n]) == ContentType &&
		(len(contentType) == n || contentType[n] == '+' || contentType[n] == ';')
}
