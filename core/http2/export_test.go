package http2

import (
	"golang.org/x/net/http2/hpack"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// ParseRequest makes a request's head out of decoded fields.
func ParseRequest(fields []hpack.HeaderField, end bool, head *stream.RequestHead, f *http1.Framing, l *http1.Limits, connect bool) error {
	return parseRequest(fields, end, head, f, l, connect)
}
