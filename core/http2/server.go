package http2

import (
	"errors"
	"io"
	"sync"
	"time"

	"golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
)

// ServerOptions are the bounds of a downstream connection.
type ServerOptions struct {
	Options
	MinRate int64 // bytes a second of a body over each span of BodyIdle, 0 for none
	Connect bool  // extended CONNECT for WebSocket (RFC 8441)
}

// Server is a downstream connection: each stream carries a request and its
// response.
type Server struct {
	conn
	workers
	opt     *ServerOptions
	handle  func(*ServerStream)
	running int // handlers, and streams that wait for theirs; under the lock
	handled sync.WaitGroup
}

// NewServer is the server side of t, of which prefix was read already.
func NewServer(t http1.Transport, o *ServerOptions, prefix []byte) *Server {
	s := &Server{opt: o, workers: workers{work: make(chan *ServerStream)}}
	s.conn.init(t, &o.Options, s)
	s.in.give(prefix)
	return s
}

// Serve carries the connection to its end, handle one stream at a time on a
// goroutine of its own. It returns once all have, and says what the connection
// ended by: nil if that was in order, an [Error] for a violation or an
// overspent budget, which names it.
func (s *Server) Serve(handle func(*ServerStream)) error {
	s.handle = handle
	s.mu.Lock()
	settings := []http2.Setting{{ID: http2.SettingMaxConcurrentStreams, Val: uint32(s.conn.opt.Streams)}}
	if s.opt.Connect {
		settings = append(settings, http2.Setting{ID: http2.SettingEnableConnectProtocol, Val: 1})
	}
	s.greet(settings...)
	s.mu.Unlock()
	err := s.preface()
	if err == nil {
		err = s.readFrames()
	}
	err = s.finish(err)
	s.startReady()
	close(s.work)
	s.handled.Wait()
	if errors.Is(err, io.EOF) || err == errIdle || err == errLeft {
		return nil
	}
	return err
}

// preface reads what every client starts with (RFC 9113, section 3.4).
func (s *Server) preface() error {
	for rest := http2.ClientPreface; len(rest) > 0; {
		b, err := s.in.peek()
		if err != nil {
			return err
		}
		n := min(len(b), len(rest))
		if string(b[:n]) != rest[:n] {
			return refuse(http2.ErrCodeProtocol, "the connection does not start with the preface of HTTP/2")
		}
		s.in.take(n)
		rest = rest[n:]
	}
	return nil
}

// Drain ends the connection gracefully: the client is told to open no more
// streams, those under way end as they would have. Serve returns then.
func (s *Server) Drain() {
	s.mu.Lock()
	s.drain()
	s.flushAside()
	s.mu.Unlock()
}

// Close ends the connection now, and with it all its streams.
func (s *Server) Close() {
	s.mu.Lock()
	s.fail(errLeft)
	s.mu.Unlock()
	s.notify()
	_ = s.t.Close()
}

// Streams is how many are under way.
func (s *Server) Streams() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}

// Idle is for how long there have been none, 0 while there are.
func (s *Server) Idle() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.empty == 0 {
		return 0
	}
	return time.Duration(s.now() - s.empty)
}

// open takes a client's new stream, within its bounds. Handlers of streams that
// were reset count too: who resets and asks again cannot have more work under
// way than who waits.
func (s *Server) open(id uint32, _ bool) (bool, error) {
	if id%2 == 0 {
		return false, refuse(http2.ErrCodeProtocol, "the client opened a stream of an even number")
	}
	s.closed.opened(id, s.seen)
	s.seen = id
	if s.leaving == left {
		s.closed.note(id, weReset)
		return false, reset(http2.ErrCodeRefusedStream, "the connection is about to end")
	}
	s.last = id
	limit := s.conn.opt.Streams
	if len(s.streams)-s.shut >= limit || s.running >= 2*limit {
		s.closed.note(id, weReset)
		return false, reset(http2.ErrCodeRefusedStream, "more streams than we allow")
	}
	return true, nil
}

func (s *Server) idle(id uint32) bool { return id > s.seen || id%2 == 0 }

// maxReady bounds how many streams wait for the reader to wait.
const maxReady = 32

// head starts a stream with its decoded head.
func (s *Server) head(b *block) error {
	st := serverStreams.Get().(*ServerStream)
	st.srv, st.tooMuch = s, b.over
	st.fields, b.fields = b.fields, st.fields[:0]
	s.mu.Lock()
	st.begin(&s.conn, b.id)
	st.recvEnd, st.told, st.bodiless = b.end, b.end, b.end
	s.running++
	var err error
	if b.over != nil {
		err = s.spent.spend(spendLarge, s.now())
	}
	s.mu.Unlock()
	if len(s.ready) == maxReady { // before st, whose reset may be the next frame
		s.startReady()
	}
	s.ready = append(s.ready, st)
	return err
}

func (s *Server) interim(*Stream) bool         { return false }
func (s *Server) goAway(uint32, http2.ErrCode) {}
func (s *Server) settled()                     {}
func (s *Server) look(int64) error             { return nil }

func (s *Server) wasReset(*Stream, http2.ErrCode) error { return errReset }

func (s *Server) broken(err error) error {
	if errors.Is(err, io.EOF) {
		return errTruncated
	}
	return fault.New(fault.ClientGone, "reading body", err)
}
