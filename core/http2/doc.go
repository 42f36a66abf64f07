// Package http2 is HTTP/2 on the wire (RFC 9113): frames and header compression
// by golang.org/x/net/http2, with streams, flow control and bounds of our own.
//
// A connection has one reader, the goroutine of Serve: it takes frames off the
// transport, decodes header blocks and puts bodies into the buffers of their
// streams. It never waits for a client that does not read. Each stream has a
// goroutine, which writes by group commit: frames are appended to what pends,
// and the first that finds nobody writing writes for all until nothing is left.
// No stream has a timer: the reader wakes now and then and looks after them.
//
// # Memory
//
// A stream buffers at most Window bytes of a body that nobody has taken, and a
// connection at most ConnWindow bytes over all its streams: credit is given when
// a body is consumed, not when it comes. ConnWindow is at least four windows, so
// that up to three streams that nobody reads cannot stall the others. What pends
// to be written is at most [maxPending] bytes, one frame, and [maxControl] small
// frames. A head being received is bounded by Limits, its compression table by
// 4 KiB. An idle connection holds no buffer.
//
// # Abuse
//
// What costs us more than the client has a budget per connection, refilled by
// time and by good work: see budget.go. Who overspends gets GOAWAY with
// ENHANCE_YOUR_CALM, and the error of Serve names the budget.
//
// Start at [Server]; what both sides share is conn.go and stream.go.
package http2
