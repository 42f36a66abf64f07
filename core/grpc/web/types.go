package web

import (
	"bytes"

	"github.com/weirproxy/weir/core/stream"
)

// The content types. A suffix may name the messages' coding.
const (
	binaryType = "application/grpc-web"
	textType   = "application/grpc-web-text"
	plainType  = "application/grpc"
)

// Forms are how a call is written on the client's side: false is binary, true
// is base64.
type Forms struct{ TextRequest, TextResponse bool }

// Negotiate says whether a request is a call of gRPC-Web, and in which forms.
// Accept decides about the response; where it names neither, it is as the request.
func Negotiate(h *stream.RequestHead) (f Forms, ok bool) {
	if string(h.Method) != "POST" {
		return f, false
	}
	ct := h.Headers.Peek("content-type")
	switch {
	case is(ct, textType):
		f.TextRequest = true
	case !is(ct, binaryType):
		return f, false
	}
	accept := h.Headers.Peek("accept")
	switch {
	case bytes.Contains(accept, []byte(textType)):
		f.TextResponse = true
	case !bytes.Contains(accept, []byte(binaryType)):
		f.TextResponse = f.TextRequest
	}
	return f, true
}

// is says whether a content type is t, with any suffix or parameter.
func is(contentType []byte, t string) bool {
	rest, ok := bytes.CutPrefix(contentType, []byte(t))
	return ok && (len(rest) == 0 || rest[0] == '+' || rest[0] == ';')
}

// Plain makes the head of a gRPC-Web call that of the gRPC call it stands for.
// The length of a text is not that of what it says.
func Plain(h *stream.RequestHead, f Forms) {
	ct := h.Headers.Peek("content-type")
	suffix := ct[len(binaryType):]
	if f.TextRequest {
		suffix = ct[len(textType):]
		h.Headers.Del("content-length")
	}
	h.Headers.Set([]byte("content-type"), append([]byte(plainType), suffix...))
	h.Headers.SetString("te", "trailers")
}

// ResponseType is the content type of a response whose gRPC type is given.
func ResponseType(contentType []byte, f Forms) []byte {
	out := []byte(binaryType)
	if f.TextResponse {
		out = []byte(textType)
	}
	if suffix := contentType[len(plainType):]; len(suffix) > 0 {
		return append(out, suffix...)
	}
	return append(out, "+proto"...) // what gRPC's own type without a suffix means
}
