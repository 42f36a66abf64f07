package interop_test

import (
	"context"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
)

// moody is a service that refuses every other call.
type moody struct {
	testgrpc.UnimplementedTestServiceServer
	code  codes.Code
	calls atomic.Int64
}

func (m *moody) UnaryCall(_ context.Context, r *testgrpc.SimpleRequest) (*testgrpc.SimpleResponse, error) {
	if m.calls.Add(1)%2 == 1 {
		return nil, status.Error(m.code, "not now")
	}
	return &testgrpc.SimpleResponse{Payload: r.Payload}, nil
}

// StreamingOutputCall refuses behind its first message.
func (m *moody) StreamingOutputCall(_ *testgrpc.StreamingOutputCallRequest, s testgrpc.TestService_StreamingOutputCallServer) error {
	m.calls.Add(1)
	if err := s.Send(&testgrpc.StreamingOutputCallResponse{}); err != nil {
		return err
	}
	return status.Error(m.code, "not now")
}

// TestRetries: a call that was refused without a message is made again, with all
// of its request, if its status says so.
func TestRetries(t *testing.T) {
	for code, want := range map[codes.Code]codes.Code{codes.Unavailable: codes.OK, codes.Internal: codes.Internal} {
		t.Run(code.String(), func(t *testing.T) {
			m := &moody{code: code}
			w := start(t, gateway(serve(t, m), `retries = { max = 1, buffer = "256KiB", on_grpc = ["unavailable"], back_off = "1ms" }`))
			conn, err := dial(w.addr)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { conn.Close() })
			c := testgrpc.NewTestServiceClient(conn)
			body := make([]byte, 100<<10) // more than one window takes
			r, err := c.UnaryCall(t.Context(), &testgrpc.SimpleRequest{Payload: &testgrpc.Payload{Body: body}})
			if status.Code(err) != want || want == codes.OK && len(r.Payload.Body) != len(body) {
				t.Errorf("%v, %d bytes", err, len(r.GetPayload().GetBody()))
			}
			before := m.calls.Load()
			s, err := c.StreamingOutputCall(t.Context(), new(testgrpc.StreamingOutputCallRequest))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Recv(); err != nil {
				t.Error(err)
			}
			if _, err := s.Recv(); status.Code(err) != code || m.calls.Load() != before+1 {
				t.Errorf("a stream that had begun: %v after %d calls", err, m.calls.Load()-before)
			}
		})
	}
}
