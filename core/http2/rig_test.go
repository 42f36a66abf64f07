package http2_test

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// rig is a server on a socket of its own.
type rig struct {
	addr string
	mu   sync.Mutex
	errs chan error // what Serve said of each connection
	live []*http2.Server
}

func options() http2.ServerOptions {
	return http2.ServerOptions{Options: http2.Options{
		Limits:  http1.Limits{Bytes: 32 << 10, Count: 100, Line: 8 << 10},
		Streams: 100, Window: 64 << 10, ConnWindow: 1 << 20,
		Head: 10 * time.Second, BodyIdle: 30 * time.Second, WriteIdle: 30 * time.Second, Idle: time.Minute,
	}, Connect: true}
}

func serve(t testing.TB, o http2.ServerOptions, handle func(*http2.ServerStream)) *rig {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	reaper := sock.NewReaper(5 * time.Millisecond)
	o.Now = reaper.Now
	r := &rig{addr: l.Addr().String(), errs: make(chan error, 1000)}
	var done sync.WaitGroup
	done.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			s, err := sock.New(c.(*net.TCPConn), reaper)
			if err != nil {
				t.Error(err)
				return
			}
			server := http2.NewServer(s, &o, nil)
			r.mu.Lock()
			r.live = append(r.live, server)
			r.mu.Unlock()
			done.Go(func() { r.errs <- server.Serve(handle) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		r.mu.Lock()
		for _, s := range r.live {
			s.Close()
		}
		r.mu.Unlock()
		done.Wait()
		reaper.Close()
	})
	return r
}

// echo answers with the request's body and trailers; it refuses what is malformed.
func echo(s *http2.ServerStream) {
	var head stream.RequestHead
	if _, err := s.ReadRequest(&head); err != nil {
		_ = s.WriteHead(&stream.ResponseHead{Status: 400}, 0, nil, true, nil)
		return
	}
	if !s.Frame().HasBody() {
		_ = s.WriteHead(&stream.ResponseHead{Status: 200}, http1.Unknown, []byte("hello"), true, nil)
		return
	}
	if s.WriteHead(&stream.ResponseHead{Status: 200}, http1.Unknown, nil, false, nil) != nil {
		return
	}
	for {
		chunk, end, err := s.ReadBody()
		if err != nil {
			s.Abort()
			return
		}
		var trailers *stream.Headers
		if end {
			trailers = s.Trailers()
		}
		if s.WriteBody(chunk, end, trailers) != nil || end {
			return
		}
	}
}

// refuseOr answers with the status of the head's fault, or as echo does.
func refuseOr(s *http2.ServerStream, errs chan<- error) {
	var head stream.RequestHead
	if _, err := s.ReadRequest(&head); err != nil {
		errs <- err
		_ = s.WriteHead(&stream.ResponseHead{Status: fault.KindOf(err).Status()}, 0, nil, true, nil)
		return
	}
	_ = s.WriteHead(&stream.ResponseHead{Status: 200}, http1.Unknown, []byte("hello"), true, nil)
}
