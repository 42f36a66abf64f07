// Package loop is the least that a proxy in Go can be: fasthttp's server, whose
// handler passes each request to fasthttp's client. It checks nothing, limits
// nothing and filters nothing. It marks what Go and that library cost.
//
// Start at [Serve].
package loop

import (
	"net"

	"github.com/valyala/fasthttp"
)

// Serve passes what comes in on l to the server at upstream, until l is
// closed.
func Serve(l net.Listener, upstream string) error {
	client := &fasthttp.HostClient{
		Addr:                          upstream,
		MaxConns:                      4096,
		NoDefaultUserAgentHeader:      true,
		DisableHeaderNamesNormalizing: true,
		DisablePathNormalizing:        true,
	}
	s := &fasthttp.Server{
		Handler: func(ctx *fasthttp.RequestCtx) {
			if err := client.Do(&ctx.Request, &ctx.Response); err != nil {
				ctx.Error("passing the request on: "+err.Error(), fasthttp.StatusBadGateway)
			}
		},
		NoDefaultServerHeader:         true,
		NoDefaultDate:                 true,
		NoDefaultContentType:          true,
		DisableHeaderNamesNormalizing: true,
		Concurrency:                   64 * 1024,
	}
	return s.Serve(l)
}
