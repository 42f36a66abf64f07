// Package chain runs the filters of one stream: their order, pauses and
// resumptions, local replies, held bodies and failures.
//
// A [Stream] does no I/O. Its owner feeds it heads and body pieces and sends
// on what comes out; each call answers with a [Verdict]. The request goes
// through the filters first to last, the response last to first:
//
//	owner ── Head/Feed/Trailers(Request)  ─▶ filter 1 ─▶ filter n ─▶ Out(Request)
//	owner ◀─ Out(Response) ◀─ filter 1 ◀─ filter n ◀─ Head/Feed/Trailers(Response)
//
// A filter that pauses holds what it saw. What it holds goes on by its next
// callback or by Resume, which also others may call (a timer, the answer to a
// call) while the owner waits: see [Stream.Wait] and [Stream.Idle].
//
// One lock guards a stream. Its owner keeps it while it works and lets go of
// it only where it waits; others take it only by TryHold, which never blocks:
// they hold a lane's lock, and the owner takes lanes with the stream's lock held.
package chain
