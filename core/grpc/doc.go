// Package grpc knows of gRPC what a proxy must: which requests are calls, how
// long a client gives one, and what its statuses mean. It does no I/O and
// never looks into a message.
//
// The wire is described in PROTOCOL-HTTP2.md of the gRPC repository, the
// statuses in statuscodes.md and http-grpc-status-mapping.md.
//
// Start at [IsCall], [Code] and [Frames].
package grpc
