// Package wasi is the part of the WebAssembly System Interface, preview 1,
// that a filter is given: clocks, randomness, its environment and lines of
// output. There are no files, sockets or arguments. Results are those of
// Envoy, where guests were written to run; every function it leaves out
// answers ENOTSUP.
//
// Start at [Lookup]; there is one file for each group of functions.
package wasi
