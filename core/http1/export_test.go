package http1

import "github.com/weirproxy/weir/core/stream"

// This file shows benchmarks what they compare with others' parts of the same work.

// LineEnd is where the line that starts b ends.
func LineEnd(b []byte) (int, error) { return lineEnd(b) }

// AppendRequest writes a request's head.
func AppendRequest(dst []byte, h *stream.RequestHead, f *RequestFraming) []byte {
	return appendRequest(dst, h, f)
}

// AppendResponse writes a response's head with the length of its body.
func AppendResponse(dst []byte, h *stream.ResponseHead, length int64) []byte {
	return appendResponse(dst, h, responseFraming{length: length})
}
