package http2

import (
	"io"
	"time"

	"golang.org/x/net/http2"
)

// Tunnel is the bytes of a stream that has left HTTP. Reading may go on beside
// writing.
type Tunnel struct{ s *Stream }

// Surplus is what was read behind the head already: DATA waits in the stream.
func (t Tunnel) Surplus() []byte { return nil }

// Read reads what is there, waiting for the first byte: io.EOF at END_STREAM,
// sock.ErrTimeout and sock.ErrInterrupted as those of a connection.
func (t Tunnel) Read(p []byte) (int, error) {
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
func (t Tunnel) WriteVec(a, b, c []byte) error {
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
func (t Tunnel) ArmRead(d time.Duration) { t.s.waits(&t.s.readWait, &t.s.readSince, d) }

// ArmWrite bounds how long a write may wait without progress, 0 for ever.
func (t Tunnel) ArmWrite(d time.Duration) { t.s.waits(&t.s.writeWait, &t.s.writeSince, d) }

// Interrupt ends a read that waits with sock.ErrInterrupted.
func (t Tunnel) Interrupt() { t.s.Interrupt() }

// CloseWrite ends our half: the peer reads END_STREAM.
func (t Tunnel) CloseWrite() error { return t.s.send(nil, nil, true, nil) }

// Close resets the stream, unless both sides have ended it.
func (t Tunnel) Close() error {
	s := t.s
	s.c.mu.Lock()
	if s.how == unknown {
		s.reset(http2.ErrCodeCancel, errOver)
		s.c.flush()
	}
	s.c.mu.Unlock()
	return nil
}
