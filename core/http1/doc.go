// Package http1 is HTTP/1 on the wire, for both sides: a strict reader of
// heads, body framing, and the writing of both (RFC 9112).
//
// Heads are read as spans over the connection's buffer: one pass validates,
// lower-cases names and finds what frames the message; nothing is copied and
// nothing allocated. What a strict and a lax parser could read differently is
// refused, so that no neighbour can disagree with us about where a message
// ends (request.go, fields.go and chunk.go hold the rules). Framing is always
// written anew, never forwarded.
//
// Start at [Server] and [Client].
package http1
