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
// A host gives the module "weir" with the one function "refuel", which finds
// the fuel below zero and either makes it positive or traps; it may be called
// while the module is instantiated, for the start function. A module that can
// recurse also exports "weir_depth", the bytes of native stack that are left.
// When a guest traps and that is below zero, it has recursed too deep; the
// counter is then wrong, as is everything else in the instance, until the
// host sets it again.
//
// A unit of fuel is about a nanosecond, but for code that waits for memory: a
// walk through more of it than the processor's caches hold takes a hundred
// times as long as it is charged for. So a host looks at the time as well
// when it is asked for fuel.
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
