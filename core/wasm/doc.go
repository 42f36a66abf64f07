// Package wasm runs WebAssembly guests for the filter ABIs: it compiles
// modules, keeps instances and sees to it that no guest can hurt the process
// it lives in. It knows no ABI; what a guest may import is the caller's to say.
//
//	Engine ── Load ──▶ Module ── NewVM ──▶ VM ── Acquire ──▶ Lane ──▶ Instance ── Call
//
// An [Engine] compiles each content once. A [VM] keeps one [Instance] per
// [Lane]; a stream takes a lane that is free and stays on it. A lane is locked
// while a callback runs and never while a stream waits, so the number of
// instances does not grow with the load. For an ABI whose guests serve one stream
// at a time a [Pool] gives out a VM's lanes, as many as there are streams.
//
// A running guest cannot be interrupted from outside: Go's scheduler and
// collector would wait for it. So every module is rewritten by package meter
// before it is compiled. It counts the fuel it burns and calls refuel when a
// slice is used up, which is where the runtime may stop it and where we decide
// whether it may go on.
//
// A guest that traps, or burns more than its budget, never runs again. Its
// instance is thrown away and a fresh one takes the lane.
//
// Start at [Engine.Load], [NewVM] or [NewPool], and [Instance.Call].
package wasm
