package provider

import (
	"context"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // the codec that ours asks
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"github.com/weirproxy/weir/core/provider/contract"
)

// dialOptions bound what a connection to a provider can cost us.
func dialOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithDefaultCallOptions(
			grpc.MaxCallRecvMsgSize(maxMessage),
			grpc.MaxCallSendMsgSize(maxMessage),
			grpc.ForceCodecV2(boundedCodec{encoding.GetCodecV2("proto")}),
		),
		// A given window is not widened: what is not read is the provider's to hold.
		grpc.WithStaticStreamWindowSize(64 << 10),
		grpc.WithStaticConnWindowSize(256 << 10),
		grpc.WithMaxHeaderListSize(16 << 10),
		grpc.WithChainStreamInterceptor(withoutBroker),
	}
}

// withoutBroker refuses go-plugin's broker, by which a provider could have us
// connect to others and hold a goroutine for each of its messages. No contract
// of ours needs it.
func withoutBroker(ctx context.Context, d *grpc.StreamDesc, c *grpc.ClientConn, method string, stream grpc.Streamer, o ...grpc.CallOption) (grpc.ClientStream, error) {
	if strings.HasPrefix(method, "/plugin.GRPCBroker/") {
		return nil, status.Error(codes.Unimplemented, "providers have no broker")
	}
	return stream(ctx, d, c, method, o...)
}

// boundedCodec counts what is in a snapshot before it makes endpoints of it: a
// message of 4 MiB can say two million of them, which would take 400 MiB.
type boundedCodec struct{ encoding.CodecV2 }

// Unmarshal implements encoding.CodecV2.
func (c boundedCodec) Unmarshal(data mem.BufferSlice, v any) error {
	if _, ok := v.(*contract.Snapshot); ok {
		if err := countSnapshot(data.Materialize()); err != nil {
			return err
		}
	}
	return c.CodecV2.Unmarshal(data, v)
}
