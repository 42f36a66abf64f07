package proxy

import (
	"strconv"

	"github.com/weirproxy/weir/core/grpc"
)

// errorPage is the property by which a filter has its error answer look like ours.
const errorPage = "weir.error_page"

var contentLength = []byte("content-length")

// dress gives an error answer of ours, or of a filter that asks for it, the form that
// the client prefers. body is what it has, and what it keeps otherwise.
func (x *exchange) dress(body []byte, ours bool) []byte {
	h := x.st.ResponseHead()
	if x.side == nil || x.side.Errors == nil || h.Status < 400 || !ours && x.st.Property(errorPage) == nil {
		return body
	}
	request := x.st.Request()
	if grpc.IsType(request.Headers.Peek("content-type")) {
		return body
	}
	var mediaType string
	x.page, mediaType = x.side.Errors.Append(x.page[:0], request, h.Status)
	h.Headers.SetString("content-type", mediaType)
	var n [20]byte
	h.Headers.Set(contentLength, strconv.AppendInt(n[:0], int64(len(x.page)), 10))
	h.Headers.AddString("vary", "accept")
	return x.page
}
