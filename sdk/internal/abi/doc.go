// Package abi is the Proxy-Wasm 0.2.1 boundary in Go types: the functions a
// host offers and the callbacks it makes. Compiled to WebAssembly they are
// imports of the module "env"; compiled natively they reach the [Host] of a
// test, so that the rest of the SDK is the same code in both.
package abi
