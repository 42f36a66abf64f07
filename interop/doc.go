// Package interop has gRPC's own test client and server talk through the built
// binary. It is a module of its own: what the tests need of gRPC's Go
// implementation is no dependency of Weir.
//
//	peers_test.go    the client, in a process of its own for each case
//	weir_test.go     the binary, built once and run by a configuration
//	cases_test.go    gRPC's interoperability cases
//	stream_test.go   long streams: what they take, and who slows down whom
package interop
