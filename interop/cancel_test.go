package interop_test

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/interop"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
)

// cancelAfterBegin is gRPC's case of that name, of a client that does not end what it
// has cancelled. With an end, which grpc-go may send before its reset, a fast service
// has answered by then, and the case reads OK where it wants CANCELLED.
func cancelAfterBegin(ctx context.Context, c testgrpc.TestServiceClient, opts ...grpc.CallOption) {
	interop.DoCancelAfterBegin(ctx, endless{c}, opts...)
}

type endless struct{ testgrpc.TestServiceClient }

type input = grpc.ClientStreamingClient[testgrpc.StreamingInputCallRequest, testgrpc.StreamingInputCallResponse]

func (e endless) StreamingInputCall(ctx context.Context, opts ...grpc.CallOption) (input, error) {
	s, err := e.TestServiceClient.StreamingInputCall(ctx, opts...)
	return endlessInput{s}, err
}

type endlessInput struct{ input }

func (i endlessInput) CloseAndRecv() (*testgrpc.StreamingInputCallResponse, error) {
	answer := new(testgrpc.StreamingInputCallResponse)
	return answer, i.RecvMsg(answer)
}
