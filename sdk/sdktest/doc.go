// Package sdktest is a host for native tests of filters: it makes a guest of
// the filters that the test binary registers, configures it, carries streams
// through it and keeps what came out, in one process and without a module.
//
//	h := sdktest.New(t, "headers", `{"response":{"set":{"x-served-by":"weir"}}}`)
//	s := h.Stream(sdktest.Request{Path: "/orders"})
//	s.Respond(sdktest.Response{Status: 200})
//	s.Downstream().Get("x-served-by")
//
// A TCP connection is one begun by [Host.Connect].
//
// It answers as Weir does, wrong calls included: ErrBadArgument for a name that
// cannot stand in a head or a head that is already on its way, for example. What
// it hands out is overwritten when the callback ends, so that a filter which keeps
// bytes it was only shown fails its tests. With [Options.Elsewhere] it has none
// of Weir's own functions, like any other host. What a filter declares (weir.edits)
// is made; functions that run beside the lane (weir.async) answer as soon as the
// callbacks under way have returned.
//
// Start at [New], and [Host.Stream] or [Host.Connect].
package sdktest
