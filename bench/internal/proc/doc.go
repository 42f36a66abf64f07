// Package proc runs the processes of a benchmark and reads what they cost.
//
// Each process is a group of its own, told to end when the benchmark does, so
// that neither a failure nor a signal leaves one behind. What is read, CPU
// time and resident memory, is that of the whole tree: some proxies work in
// children.
//
// Start at [Start].
package proc
