package interop_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/interop"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
)

// cases are those of gRPC's interop-test-descriptions.md that need no account
// with a cloud.
var cases = map[string]func(context.Context, *grpc.ClientConn){
	"empty_unary":                 service(interop.DoEmptyUnaryCall),
	"large_unary":                 service(interop.DoLargeUnaryCall),
	"client_streaming":            service(interop.DoClientStreaming),
	"server_streaming":            service(interop.DoServerStreaming),
	"ping_pong":                   service(interop.DoPingPong),
	"empty_stream":                service(interop.DoEmptyStream),
	"timeout_on_sleeping_server":  service(interop.DoTimeoutOnSleepingServer),
	"cancel_after_begin":          service(cancelAfterBegin),
	"cancel_after_first_response": service(interop.DoCancelAfterFirstResponse),
	"custom_metadata":             service(interop.DoCustomMetadata),
	"status_code_and_message":     service(interop.DoStatusCodeAndMessage),
	"special_status_message":      service(interop.DoSpecialStatusMessage),
	"unimplemented_method":        interop.DoUnimplementedMethod,
	"unimplemented_service": func(ctx context.Context, c *grpc.ClientConn) {
		interop.DoUnimplementedService(ctx, testgrpc.NewUnimplementedServiceClient(c))
	},
}

func service(do func(context.Context, testgrpc.TestServiceClient, ...grpc.CallOption)) func(context.Context, *grpc.ClientConn) {
	return func(ctx context.Context, c *grpc.ClientConn) { do(ctx, testgrpc.NewTestServiceClient(c)) }
}

// TestInterop runs each case in clear, by prior knowledge of HTTP/2, and over TLS,
// by ALPN.
func TestInterop(t *testing.T) {
	certificate, key := selfSigned(t)
	toml := gateway(server(t))
	for way, run := range map[string]func(t *testing.T, name string){
		"h2c": against(t, toml),
		"h2":  against(t, overTLS(toml, certificate, key), certificate),
	} {
		for _, name := range slices.Sorted(maps.Keys(cases)) {
			t.Run(way+"/"+name, func(t *testing.T) {
				t.Parallel()
				run(t, name)
			})
		}
	}
}

// against runs the program, and cases against it.
func against(t *testing.T, toml string, certificate ...string) func(t *testing.T, name string) {
	w := start(t, toml)
	return func(t *testing.T, name string) { client(t, name, w.addr, certificate...) }
}
