// Package differential compares Weir's host of Proxy-Wasm filters with Envoy's:
// the same module, the same configuration, the same bytes from the client and
// from the upstream. What the client got, what the upstream got and what the
// guest logged must be equal.
//
// It holds tests alone; README.md says how they are run and written.
package differential
