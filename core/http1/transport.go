package http1

import (
	"time"

	"github.com/weirproxy/weir/core/sock"
)

// Transport is the connection below: a [sock.Conn], or TLS over one.
type Transport interface {
	// Read reads what is there, waiting for the first byte.
	Read(p []byte) (int, error)
	// ReadFirst is Read into a buffer of pool that it takes when bytes are there.
	ReadFirst(pool sock.BufferPool) (buf *[]byte, n int, err error)
	// Exchange writes out on an idle connection and reads the first of the answer.
	Exchange(out, p []byte) (n int, written bool, err error)
	// Alive fails with sock.ErrStale on an idle connection that ended.
	Alive() error
	// WriteVec writes a, b and c, one after the other.
	WriteVec(a, b, c []byte) error
	// ArmRead and ArmWrite set deadlines: see sock.Conn.
	ArmRead(d time.Duration)
	ArmWrite(d time.Duration)
	// Interrupt ends a read that waits with sock.ErrInterrupted.
	Interrupt()
	// Peek and HalfClosed tell whether the peer is still there.
	Peek() sock.State
	HalfClosed() bool
	CloseWrite() error
	Close() error
	Abort() error
}

// Tunnel is a stream that has left HTTP: bytes both ways, of which reading may go
// on beside writing.
type Tunnel interface {
	// Surplus is what was read behind the head that ended HTTP.
	Surplus() []byte
	// Read reads what is there, waiting for the first byte; io.EOF is the peer's
	// orderly end of its half.
	Read(p []byte) (int, error)
	WriteVec(a, b, c []byte) error
	// ArmRead and ArmWrite set deadlines: see sock.Conn.
	ArmRead(d time.Duration)
	ArmWrite(d time.Duration)
	// CloseWrite ends our half, Close both.
	CloseWrite() error
	Close() error
}

// tunnel is a connection's bytes behind what was read of it.
type tunnel struct {
	Transport
	surplus []byte
}

func (t *tunnel) Surplus() []byte { return t.surplus }

var _ Transport = (*sock.Conn)(nil)
