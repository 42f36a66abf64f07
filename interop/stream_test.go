package interop_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/status"
)

var megabytes = flag.Int("mib", 256, "how long the long streams are; 10240 is what is promised")

// memory is what the program may take, whatever goes through it.
const memory = 64 << 20

// piece is a message's body.
var piece = &testgrpc.Payload{Body: make([]byte, 64<<10)}

// bulk is a service of long streams. It counts what has left it and what came.
type bulk struct {
	testgrpc.UnimplementedTestServiceServer
	total    int64 // bytes of a response
	sent     atomic.Int64
	received atomic.Int64
	read     chan struct{} // closed: requests are read
	called   atomic.Int64  // FullDuplexCall
	ended    chan error    // calls of it
}

func newBulk(total int64) *bulk {
	return &bulk{total: total, read: make(chan struct{}), ended: make(chan error, 1000)}
}

func (b *bulk) EmptyCall(context.Context, *testgrpc.Empty) (*testgrpc.Empty, error) {
	return new(testgrpc.Empty), nil
}

func (b *bulk) StreamingOutputCall(_ *testgrpc.StreamingOutputCallRequest, s testgrpc.TestService_StreamingOutputCallServer) error {
	for b.sent.Load() < b.total {
		if err := s.Send(&testgrpc.StreamingOutputCallResponse{Payload: piece}); err != nil {
			return err
		}
		b.sent.Add(int64(len(piece.Body)))
	}
	return nil
}

func (b *bulk) StreamingInputCall(s testgrpc.TestService_StreamingInputCallServer) error {
	<-b.read
	for {
		m, err := s.Recv()
		if errors.Is(err, io.EOF) {
			return s.SendAndClose(&testgrpc.StreamingInputCallResponse{})
		}
		if err != nil {
			return err
		}
		b.received.Add(int64(len(m.Payload.Body)))
	}
}

// FullDuplexCall says that it was called, and waits until its client is gone.
func (b *bulk) FullDuplexCall(s testgrpc.TestService_FullDuplexCallServer) error {
	b.called.Add(1)
	defer func() { b.ended <- s.Context().Err() }()
	if err := s.Send(&testgrpc.StreamingOutputCallResponse{}); err != nil {
		return err
	}
	<-s.Context().Done()
	return s.Context().Err()
}

// through connects to a service through the program.
func through(t *testing.T, b *bulk, route ...string) (*weir, testgrpc.TestServiceClient) {
	t.Helper()
	w := start(t, gateway(serve(t, b), route...))
	conn, err := dial(w.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return w, testgrpc.NewTestServiceClient(conn)
}

// TestLongDownload and TestLongUpload see that a stream leaves nothing behind,
// however long it is.
func TestLongDownload(t *testing.T) {
	b := newBulk(int64(*megabytes) << 20)
	w, c := through(t, b, `timeout = "off"`)
	began := time.Now()
	s, err := c.StreamingOutputCall(t.Context(), new(testgrpc.StreamingOutputCallRequest))
	if err != nil {
		t.Fatal(err)
	}
	got := int64(0)
	for {
		m, err := s.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("after %d bytes: %v", got, err)
		}
		got += int64(len(m.Payload.Body))
	}
	if got != b.total {
		t.Errorf("%d bytes, want %d", got, b.total)
	}
	report(t, w, got, began)
}

func TestLongUpload(t *testing.T) {
	b := newBulk(0)
	close(b.read)
	w, c := through(t, b, `timeout = "off"`, `max_body = 0`)
	began := time.Now()
	s, err := c.StreamingInputCall(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	total := int64(*megabytes) << 20
	for sent := int64(0); sent < total; sent += int64(len(piece.Body)) {
		if err := s.Send(&testgrpc.StreamingInputCallRequest{Payload: piece}); err != nil {
			_, err = s.CloseAndRecv()
			t.Fatalf("after %d bytes: %v", sent, err)
		}
	}
	if _, err := s.CloseAndRecv(); err != nil || b.received.Load() != total {
		t.Errorf("%d bytes, want %d: %v", b.received.Load(), total, err)
	}
	report(t, w, total, began)
}

// report looks at the most memory that the program has held.
func report(t *testing.T, w *weir, bytes int64, began time.Time) {
	t.Helper()
	peak := w.peak(t)
	took := time.Since(began)
	t.Logf("%d MiB in %v, %.0f MiB a second; weir held %.1f MiB at most", bytes>>20, took.Round(time.Millisecond),
		float64(bytes)/(1<<20)/took.Seconds(), float64(peak)/(1<<20))
	if peak > memory {
		t.Errorf("weir held %d bytes", peak)
	}
}

// peak is the most memory that the program has had resident.
func (w *weir) peak(t *testing.T) (bytes int64) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.pid))
	if err != nil {
		t.Skipf("this system does not tell: %v", err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	if _, err := fmt.Sscan(rest, &bytes); err != nil {
		t.Fatalf("no VmHWM in %s", text)
	}
	return bytes << 10
}

// ahead is how far a writer may get ahead of a reader that does not read: what
// the windows of three connections and the buffers of as many kernels hold.
const ahead = 16 << 20

// TestSlowClient: a client that does not read stops the server's sending.
func TestSlowClient(t *testing.T) {
	b := newBulk(4 * ahead)
	_, c := through(t, b, `timeout = "off"`)
	s, err := c.StreamingOutputCall(t.Context(), new(testgrpc.StreamingOutputCallRequest))
	if err != nil {
		t.Fatal(err)
	}
	settle(t, c, &b.sent)
	if n := b.sent.Load(); n > ahead {
		t.Errorf("the server sent %d bytes to a client that read none", n)
	}
	got := int64(0)
	for {
		m, err := s.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got += int64(len(m.Payload.Body))
	}
	if got != b.total {
		t.Errorf("%d bytes, want %d", got, b.total)
	}
}

// TestSlowServer: a server that does not read stops the client's sending.
func TestSlowServer(t *testing.T) {
	b := newBulk(0)
	_, c := through(t, b, `timeout = "off"`, `max_body = 0`)
	s, err := c.StreamingInputCall(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var sent atomic.Int64
	done := make(chan error, 1)
	go func() {
		for sent.Load() < 4*ahead {
			if err := s.Send(&testgrpc.StreamingInputCallRequest{Payload: piece}); err != nil {
				done <- err
				return
			}
			sent.Add(int64(len(piece.Body)))
		}
		_, err := s.CloseAndRecv()
		done <- err
	}()
	settle(t, c, &sent)
	if n := sent.Load(); n > ahead {
		t.Errorf("the client sent %d bytes to a server that read none", n)
	}
	close(b.read)
	if err := <-done; err != nil || b.received.Load() != 4*ahead {
		t.Errorf("%d bytes: %v", b.received.Load(), err)
	}
}

// settle goes on calling, on the same connection, until a count has not changed
// for many calls in a row: whoever counts is held up, and others are not.
func settle(t *testing.T, c testgrpc.TestServiceClient, count *atomic.Int64) {
	t.Helper()
	for last, same := int64(-1), 0; same < 200; same++ {
		if _, err := c.EmptyCall(t.Context(), new(testgrpc.Empty)); err != nil {
			t.Fatal(err)
		}
		if n := count.Load(); n != last || n == 0 {
			last, same = n, 0
		}
	}
}

// TestEarlyAnswer: a server may refuse a call before it has read it. Its word
// is not lost in the reset that follows.
func TestEarlyAnswer(t *testing.T) {
	w := start(t, gateway(server(t)))
	conn, err := dial(w.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	large := &testgrpc.SimpleRequest{Payload: &testgrpc.Payload{Body: make([]byte, 1<<20)}}
	for range 100 {
		err := conn.Invoke(t.Context(), "/grpc.testing.TestService/Nothing", large, new(testgrpc.SimpleResponse))
		if status.Code(err) != codes.Unimplemented {
			t.Fatal(err)
		}
	}
}

// TestDeadlineBehindHead: a call whose time is over when its answer has begun
// ends by the status that says so.
func TestDeadlineBehindHead(t *testing.T) {
	b := newBulk(0)
	_, c := through(t, b, `timeout = "300ms"`)
	first := errors.New("none was made")
	var s testgrpc.TestService_FullDuplexCallClient
	for by := time.Now().Add(patience); first != nil; { // on a slow machine all the time may be over before
		if time.Now().After(by) {
			t.Fatalf("no answer has begun in time: %v", first)
		}
		var err error
		if s, err = c.FullDuplexCall(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.CloseSend(); err != nil {
			t.Fatal(err)
		}
		_, first = s.Recv()
	}
	_, err := s.Recv() // no more is sent
	if got := status.Convert(err); got.Code() != codes.DeadlineExceeded || got.Message() != "Gateway Timeout" {
		t.Errorf("%v", err)
	}
	for range b.called.Load() {
		select {
		case <-b.ended:
		case <-time.After(patience):
			t.Fatal("the server goes on")
		}
	}
}

// TestEndReachesServer: a client that has given up, or whose time is over, ends
// the work of its server.
func TestEndReachesServer(t *testing.T) {
	for name, end := range map[string]func(context.Context) (context.Context, context.CancelFunc, codes.Code){
		"cancelled": func(ctx context.Context) (context.Context, context.CancelFunc, codes.Code) {
			ctx, cancel := context.WithCancel(ctx)
			return ctx, cancel, codes.Canceled
		},
		"late": func(ctx context.Context) (context.Context, context.CancelFunc, codes.Code) {
			ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
			t.Cleanup(cancel) // its time ends it before
			return ctx, func() {}, codes.DeadlineExceeded
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBulk(0)
			_, c := through(t, b, `timeout = "off"`)
			// What a first call takes is not of its time.
			if _, err := c.EmptyCall(t.Context(), new(testgrpc.Empty), grpc.WaitForReady(true)); err != nil {
				t.Fatal(err)
			}
			ctx, cancel, want := end(t.Context())
			s, err := c.FullDuplexCall(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Recv(); err != nil {
				t.Fatal(err)
			}
			cancel()
			if _, err := s.Recv(); status.Code(err) != want {
				t.Errorf("the client is told %v", err)
			}
			select {
			case <-b.ended:
			case <-time.After(patience):
				t.Error("the server goes on")
			}
		})
	}
}
