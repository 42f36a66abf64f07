package tlssock

import (
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/sock"
)

// wire is the connection below as crypto/tls sees it.
type wire struct {
	*sock.Conn
	nowait bool        // reads end with sock.ErrNothing; of whoever reads
	ended  bool        // the peer's FIN was read; of whoever reads
	armed  atomic.Bool // a write of ours is under way, and bounded
	last   atomic.Bool // writes do not wait: these are the last words
}

// ownWrite bounds what TLS writes by itself: an answer to a key update, an alert.
const ownWrite = 5 * time.Second

// Read is for crypto/tls.
func (w *wire) Read(p []byte) (n int, err error) {
	if w.nowait {
		n, err = w.TryRead(p)
		if n == 0 && err == nil {
			err = io.EOF
		}
	} else {
		n, err = w.Conn.Read(p)
	}
	if err == io.EOF {
		w.ended = true
	}
	return n, err
}

// Write is for crypto/tls.
func (w *wire) Write(p []byte) (int, error) {
	if w.last.Load() {
		if n := w.TryWrite(p); n < len(p) {
			return n, io.ErrShortWrite
		}
		return len(p), nil
	}
	if !w.armed.Load() {
		w.ArmWrite(ownWrite)
	}
	return w.Conn.Write(p)
}

// Deadlines are stamps: those that crypto/tls sets around its last words would
// be in their way.
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// Close is for crypto/tls.
func (w *wire) Close() error { return w.Conn.Close() }

var _ net.Conn = (*wire)(nil)
