package http2

import (
	"io"
	"time"

	"golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/http1"
)

// Tunnel is the stream once it has left HTTP.
func (s *Stream) Tunnel() http1.Tunnel { return tunnel{s} }

// tunnel is the bytes of a stream that has left HTTP. Reading may go on beside
// writing.
type tunnel struct{ s *Stream }

// Surplus is what was read behind the head already: DATA waits in the stream.
func (t tunnel) Surplus() []byte { return nil }

// Read reads what is there, waiting for the first byte: io.EOF at END_STREAM,
// sock.ErrTimeout and sock.ErrInterrupted as those of a connection.
func (t tunnel) Read(p []byte) (int, error) {
	s := t.s
	if len(s.rest) == 0 {
		chunk, end, err := s.ReadBody()
		switch {
		case err == errBodyTimeout:
			return 0, errBodyTimeout.Err
		case err != nil:
			return 0, err
		case len(chunk) == 0 && end:
			return 0, io.EOF
		}
		s.rest = chunk
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// WriteVec writes a, b and c, one after the other.
func (t tunnel) WriteVec(a, b, c []byte) error {
	for _, p := range [3][]byte{a, b, c} {
		if len(p) > 0 {
			if err := t.s.send(nil, p, false, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// ArmRead bounds how long a read may wait, 0 for ever.
func (t tunnel) ArmRead(d time.Duration) { t.s.waits(&t.s.readWait, &t.s.readSince, d) }

// ArmWrite bounds how long a write may wait without progress, 0 for ever.
func (t tunnel) ArmWrite(d time.Duration) { t.s.waits(&t.s.writeWait, &t.s.writeSince, d) }

// CloseWrite ends our half: the peer reads END_STREAM.
func (t tunnel) CloseWrite() error { return t.s.send(nil, nil, true, nil) }

// Close resets the stream, unless both sides have ended it.
func (t tunnel) Close() error {
	s := t.s
	s.c.mu.Lock()
	if s.how == unknown {
		s.reset(http2.ErrCodeCancel, errOver)
		s.c.flush()
	}
	s.c.mu.Unlock()
	return nil
}
