// Package origin is the server behind every proxy of a benchmark: it answers
// at once, so that what is measured is the proxy.
//
// Start at [Serve].
package origin

import (
	"bytes"
	"net"

	"github.com/valyala/fasthttp"
)

// Size is the length of a reply, in bytes.
const Size = 1024

// HeadersPath is the end of paths where the answer is the request's head as it
// arrived, instead of a reply. A filter in front shows there what it has done.
const HeadersPath = "/headers"

// Body is the reply. No error page of a proxy looks like it.
var Body = bytes.Repeat([]byte("weir 1 KiB reply"), Size/16)

// Serve answers on l until it is closed.
func Serve(l net.Listener) error {
	s := &fasthttp.Server{
		Handler:               answer,
		NoDefaultServerHeader: true,
		NoDefaultDate:         true,
		Concurrency:           64 * 1024,
	}
	return s.Serve(l)
}

var headersPath = []byte(HeadersPath)

func answer(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.SetContentType("text/plain")
	if bytes.HasSuffix(ctx.Path(), headersPath) {
		ctx.Response.SetBody(ctx.Request.Header.Header())
		return
	}
	ctx.Response.SetBodyRaw(Body)
}
