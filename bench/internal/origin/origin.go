// Package origin is the server behind every proxy of a benchmark: it answers
// at once, so that what is measured is the proxy.
//
// Start at [Serve].
package origin

import (
	"bytes"
	"net"

	"github.com/valyala/fasthttp"

	"github.com/weirproxy/weir/bench/internal/reply"
)

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

var headersPath = []byte(reply.HeadersPath)

func answer(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.SetContentType("text/plain")
	if bytes.HasSuffix(ctx.Path(), headersPath) {
		ctx.Response.SetBody(ctx.Request.Header.Header())
		return
	}
	ctx.Response.SetBodyRaw(reply.Body)
}
