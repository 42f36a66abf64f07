// Package proxywasm is the host of Proxy-Wasm filters, versions 0.1.0, 0.2.0
// and 0.2.1: it offers guests the functions of the ABI and makes the
// guests' callbacks out of what a chain asks of a [filter.Part].
//
// A [Host] turns a [Spec] into a [filter.Filter]. Filters of one module and one
// VM name share a [wasm.VM] (a vm here); each has its own root, and in every
// instance of the VM a context for that root. A stream's part takes a lane at its
// first callback and has a context in the instance that lives there.
//
// Two locks matter. A stream's owner holds the stream and then takes a lane.
// Whoever comes from elsewhere (a timer, an answer to a call) holds a lane
// first, and may then take a stream by TryHold alone, which never blocks. All
// state of an instance is guarded by its lane.
//
// What a guest gets wrong it is told by a status: see table.go for the
// functions, DIFFERENCES.md for where Weir departs from Envoy and why.
//
// Start at [Host] and part.go.
package proxywasm
