// Package httpwasm is the host of http-wasm filters: modules of the HTTP handler
// ABI, whose guest has handle_request and handle_response and calls the
// functions of "http_handler".
//
// A [Host] turns a [Spec] into a [filter.Filter]. Guests know no contexts, so
// each stream has an instance to itself, of a bounded [wasm.Pool], from
// handle_request to the end of handle_response.
//
// The ABI is one of blocking calls, a chain is one of events. A guest that reads
// a body which has not come yet waits in a coroutine: its stream goes on, feeds
// it what comes, and no lock is held meanwhile. See README.md for what becomes
// which phase, and for the bounds.
//
// There are no status codes: what a guest gets wrong ends its instance.
//
// Start at [Host], part.go and table.go.
package httpwasm
