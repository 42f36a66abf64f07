// Package tcp carries the connections of a TCP service: it finds the cluster, by
// the server name a TLS client asks for where that decides; connects to an
// endpoint, to another where one cannot be reached; runs the filters; carries bytes
// both ways; and finishes, exactly once.
//
//	service.go   what a [[tcp]] table says
//	names.go     clusters by server name
//	conn.go      a connection's life, in order
//	connect.go   cluster, endpoint, PROXY header
//	filtered.go  the two directions through a chain
//	finish.go    always, exactly once: log, count, release
//
// To its filters a connection is a stream whose head is the connection itself: the
// callback of a new connection runs in the place of the request's head, the bytes
// from the client are the request's body and those from the upstream the response's.
// So what package chain does for requests, pauses, held bytes, failed filters,
// answers from elsewhere, holds for connections too.
//
// Start at [Service] and [Conn].
package tcp
