// Package proxy carries one stream from end to end: it reads the request's
// head, finds the route, runs the chain, picks an endpoint, forwards, tries
// again where that is safe, answers, and finishes.
//
//	exchange.go   the stream's state; Serve is its whole life, in order
//	request.go    the request until it can go upstream
//	forward.go    attempts: endpoint, connection, retry
//	upload.go     the rest of a request's body, beside the response
//	respond.go    the response, and local replies, to the client
//	clock.go      time-outs, and the deadline of a gRPC call
//	grpc.go       a gRPC call's status; grpcweb.go calls of browsers
//	tunnel.go     what follows a 101
//	finish.go     always, exactly once: log, count, release
//
// One goroutine, the connection's, carries a stream. A second one joins only
// while a request's body is still coming in. Both work under the chain's lock
// and let go of it where they wait for the network.
//
// Start at [Proxy.Serve].
package proxy
