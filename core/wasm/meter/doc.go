// Package meter vets a WebAssembly module and rewrites its bytecode, so that
// a guest can neither run, grow nor recurse without bound.
//
// A running guest cannot be interrupted by Go: until it returns or calls the
// host, the garbage collector and with it the whole process wait. So each
// module pays for its instructions from a counter, the exported global
// "weir_fuel", and calls the imported function "weir" "refuel" when that has
// fallen below zero. The call is a point where Go may stop the world, and
// where the host gives more fuel or ends the guest.
//
// The pass knows the binary format and nothing of any engine: types are left
// to the engine's own validation, which runs on the result. What it does
// check is everything that decides where an instruction begins and which
// index it names, because an index that is one too high in the original
// could otherwise name something the pass has added.
//
// Start at [Rewrite]; region.go says what is charged where, bulk.go what
// becomes of memory.copy and its like, and depth.go how recursion is bounded.
package meter
