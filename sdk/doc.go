// Package sdk is for writing Proxy-Wasm filters in Go: for Weir, and for any
// other host of ABI 0.2.1 (Envoy, Istio, Kong, APISIX and others).
//
// A filter is a [Factory], registered under a root id, that turns its
// configuration into a [Plugin]. The plugin takes part in a phase of a stream by
// having the method of that phase ([RequestHeadersHandler] and its like);
// phases it leaves out cost nothing on Weir. A plugin that keeps state for each
// stream is a [StreamMaker].
//
// Modules are built by the standard toolchain:
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -o filter.wasm .
//
// # Memory
//
// A host puts its answers (header values, body bytes, properties) into an
// arena that is used again by the next callback: bytes that this package
// returns are valid until the callback ends. Copy what you keep. That is also
// why nothing here allocates on the way of a request.
//
// # Concurrency
//
// A host makes one callback at a time. Callbacks of many streams interleave.
// Nothing here may be used from other goroutines.
//
// Extensions of Weir are in package weir; ABI.md says what they answer on
// other hosts. Package sdktest runs filters in native tests, package jsonconf
// reads their configuration. README.md has a complete filter.
//
// Start at [Register] and [Stream].
package sdk
