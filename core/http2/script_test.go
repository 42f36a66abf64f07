package http2_test

import (
	"io"
	"time"

	"github.com/weirproxy/weir/core/sock"
)

// script is a connection in memory whose peer sends what was written down and
// then ends it; what it is sent is dropped.
type script struct {
	in     []byte
	closed bool
}

func (w *script) Read(p []byte) (int, error) {
	if len(w.in) == 0 {
		return 0, io.EOF
	}
	n := copy(p, w.in)
	w.in = w.in[n:]
	return n, nil
}

func (w *script) ReadFirst(pool sock.BufferPool) (*[]byte, int, error) {
	b := pool.Get()
	n, err := w.Read(*b)
	if err != nil {
		pool.Put(b)
		return nil, 0, err
	}
	return b, n, nil
}

func (w *script) Exchange(_, _ []byte) (int, bool, error) { return 0, false, io.EOF }
func (w *script) Alive() error                            { return nil }
func (w *script) WriteVec(_, _, _ []byte) error           { return nil }
func (w *script) ArmRead(time.Duration)                   {}
func (w *script) ArmWrite(time.Duration)                  {}
func (w *script) Interrupt()                              {}
func (w *script) Peek() sock.State                        { return sock.Quiet }
func (w *script) HalfClosed() bool                        { return false }
func (w *script) CloseWrite() error                       { return nil }
func (w *script) Close() error                            { w.closed = true; return nil }
func (w *script) Abort() error                            { return w.Close() }
