// Package edit holds changes of a stream that a filter declares once, when it
// is configured, and that the host then makes for every stream: no callback,
// no lane, nothing of the guest is touched. Questions among them say of which streams
// that holds. The guest decides what is to be
// done; what is left is mechanism.
//
// A filter that has to see a request may say afterwards what becomes of all that are like
// it: [List.Recall] and [List.Remember].
//
// A [List] is read from the arguments of the foreign function weir.edits,
// whose encoding is in sdk/ABI.md. Whoever runs it needs [List.Apply] alone.
//
// Start at [List].
package edit
