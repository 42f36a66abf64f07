// Package coretest runs a whole proxy inside a test: real sockets on free
// ports, a configuration as a user writes it, upstreams and clients that can
// do what no library would. Nothing in it sleeps.
//
//	up := coretest.Serve(t, handler)
//	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
//	c := coretest.Dial(t, p.Addr("gateway"))
//	c.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
//	r := c.Read("GET")
//
// Filters are modules that a test writes with core/wasm/wasmtest, or those of
// testdata/guest, which is made with our SDK: see [Guest].
//
// What a test needs nobody to answer at, and what must not take too long under its
// hands, are no matter of luck: see [Refusing], [GatewayAt] and [Unhurried].
//
// Start at [Proxy].
package coretest
