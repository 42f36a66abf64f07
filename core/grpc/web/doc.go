// Package web translates between gRPC-Web, which browsers can speak, and gRPC:
// content types, the text form of bodies, and trailers, which gRPC-Web puts
// behind the messages as a frame of their own.
//
// It holds the codecs alone; who reads and writes streams uses them. The
// protocol is described in PROTOCOL-WEB.md of the gRPC repository.
//
// Start at [Negotiate].
package web
