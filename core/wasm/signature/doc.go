// Package signature signs Wasm modules and checks their signatures.
//
// The format is the one of WebAssembly's tool conventions, "WebAssembly
// signatures" version 1 (https://github.com/WebAssembly/tool-conventions,
// Signatures.md), with SHA-256 and Ed25519, in the encoding of wasmsign2: each
// signed hash set and each signature has its length before it. So either tool
// takes what the other signed.
//
//	signature data  1 (version) 1 (a module) 1 (SHA-256), sets: count, each sized
//	set             hashes: count, 32 bytes each; signatures: count, each sized
//	signature       key id: sized; 1 (Ed25519); 64 bytes, sized
//
// Numbers are LEB128. What is signed is "wasmsig", the first three bytes of the
// data and the set's hashes. The hashes are of the module from behind its
// preamble, or behind the signature in it, up to some section's end; the last
// of them must reach the module's end. So a module whose signed beginning
// stands alone, which the format allows too, is not taken.
//
// The data is in a file beside the module, or the content of a custom section
// "signature" that must be the module's first. Nothing that is read is taken in
// two ways: numbers are as short as can be, there is nothing behind the end, and
// one section "signature" at most.
//
// Start at [Verify] and [Sign].
package signature
