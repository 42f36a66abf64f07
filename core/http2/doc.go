// Package http2 is HTTP/2 on the wire (RFC 9113): frames and header compression
// by golang.org/x/net/http2, with streams, flow control and bounds of our own.
//
// A connection has one reader, the goroutine of Serve: it takes frames off the
// transport, decodes header blocks and puts bodies into the buffers of their
// streams. It never waits for a client that does not read. Each stream has a
// goroutine, which writes by group commit: frames are appended to what pends,
// and the first that finds nobody writing writes for all until nothing is left.
// Bodies are copied on that way: the copy is a fiftieth of what the system call
// costs. No stream has a timer: the reader wakes now and then and looks after
// them, so that a bound may be overrun by a quarter of the shortest one.
//
// # Memory
//
// A stream buffers at most Window bytes of a body that nobody has taken, and a
// connection at most ConnWindow bytes over all its streams: credit is given when
// a body is consumed, not when it comes. Buffers are of 4 KiB or the next power
// of two, so that twice the window may be held. ConnWindow is at least four
// windows, so that up to three streams that nobody reads cannot stall the
// others; with windows of
// 64 KiB and 1 MiB, fifteen.
//
// What pends to be written is at most 64 KiB, a head, and a thousand small
// frames that the peer caused; as much may be on its way. A head holds at most
// Limits.Bytes, and there are at most 2 × Streams of them: a stream counts until
// its handler has returned, whatever its client has done to it. The table of
// header compression holds 4 KiB; we send without one.
//
// An idle connection holds no buffer and, after a few periods, no goroutine
// beside its reader's.
//
// # Abuse
//
// What costs us more than the client has a budget per connection, refilled by
// time and by good work: see budget.go. Who overspends gets GOAWAY with
// ENHANCE_YOUR_CALM, and the error of Serve names the budget. A stream starts when
// the reader has taken all that was there: one that was reset meanwhile never does.
//
// # Upstream
//
// A client waits for the upstream's SETTINGS before its first stream: it knows then
// how many streams it may have open, and that HTTP/2 is spoken at all. Streams that
// the upstream did not look at (REFUSED_STREAM, or above the last of its GOAWAY)
// fail with fault.StaleConn and count as not sent: they can go elsewhere at no
// risk. An upstream that keeps silent over streams is asked by PING whether it is
// there.
//
// Start at [Server] and [Client]; what both sides share is conn.go and stream.go.
package http2
