package sock

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// Conn is a TCP connection. Reads may go on beside writes, but only one of
// each at a time.
type Conn struct {
	tcp *net.TCPConn
	raw syscall.RawConn

	remote, local netip.AddrPort

	// The operation under way, for the bound functions below: a closure per
	// call would be an allocation per call.
	readBuf []byte
	readN   int
	readErr error
	readFn  func(fd uintptr) bool

	firstPool BufferPool
	firstBuf  *[]byte
	firstFn   func(fd uintptr) bool

	writeBufs [3][]byte
	writeErr  error
	writeFn   func(fd uintptr) bool

	exchange   exchange
	exchangeFn func(fd uintptr) bool

	awaitTry func() bool
	awaitFn  func(fd uintptr) bool
	tryBuf   []byte
	tryN     int
	tryErrno syscall.Errno
	tryFn    func(fd uintptr)

	readStamp, writeStamp stamp

	slot   int // place in the reaper's shard, guarded by the shard
	shard  *shard
	closed atomic.Bool
	broken atomic.Bool // Interrupt was called and no read has seen it
	mu     sync.Mutex  // orders the reaper's wake-ups with their undoing
}

// New wraps tcp. The reaper, if not nil, watches its deadlines until Close.
func New(tcp *net.TCPConn, r *Reaper) (*Conn, error) {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, err
	}
	c := &Conn{tcp: tcp, raw: raw}
	c.remote = addrPort(tcp.RemoteAddr())
	c.local = addrPort(tcp.LocalAddr())
	c.readFn, c.writeFn = c.tryRead, c.tryWrite
	c.exchangeFn, c.firstFn = c.tryExchange, c.tryFirst
	c.awaitFn, c.tryFn = c.tryAwait, c.tryOnce
	if r != nil {
		r.add(c)
	}
	return c, nil
}

func addrPort(a net.Addr) netip.AddrPort {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	ap := t.AddrPort()
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// Remote is the peer's address, without allocating as RemoteAddr does.
func (c *Conn) Remote() netip.AddrPort { return c.remote }

// Local is our address.
func (c *Conn) Local() netip.AddrPort { return c.local }

// Read reads what is there, waiting for the first byte.
func (c *Conn) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	c.readBuf, c.readN, c.readErr = p, 0, nil
	err := c.awaitRead(c.readFn)
	c.readBuf = nil
	return c.readResult(err)
}

func (c *Conn) readResult(err error) (int, error) {
	switch {
	case err != nil:
		return 0, err
	case c.readErr != nil:
		return 0, c.readErr
	case c.readN == 0:
		return 0, io.EOF
	}
	return c.readN, nil
}

func (c *Conn) tryRead(fd uintptr) bool {
	n, e := read(fd, c.readBuf)
	if e == syscall.EAGAIN {
		return false
	}
	c.readN = n
	if e != 0 {
		c.readErr = opError("read", e)
	}
	return true
}

// Write writes all of p.
func (c *Conn) Write(p []byte) (int, error) {
	if err := c.WriteVec(p, nil, nil); err != nil {
		return 0, err // how much left is unknown to TLS and of no use to us
	}
	return len(p), nil
}

// WriteVec writes all of a, b and c, in one system call if it can.
func (c *Conn) WriteVec(a, b, d []byte) error {
	c.writeBufs = [3][]byte{a, b, d}
	c.writeErr = nil
	err := c.awaitWrite(c.writeFn)
	if err == nil {
		err = c.writeErr
	}
	c.writeBufs = [3][]byte{}
	return err
}

// maxWrite bounds one system call, in bytes: while it runs, Go cannot take
// the processor away from this goroutine.
const maxWrite = 256 << 10

func (c *Conn) tryWrite(fd uintptr) bool {
	for turn := 0; ; turn++ {
		iov, count, first := c.pending()
		if count == 0 {
			return true
		}
		var n int
		var e syscall.Errno
		if count == 1 || len(c.writeBufs[first]) > maxWrite {
			n, e = write(fd, c.writeBufs[first][:min(len(c.writeBufs[first]), maxWrite)])
		} else {
			n, e = writev(fd, &iov, count)
		}
		if e == syscall.EAGAIN {
			return false
		}
		if e != 0 {
			c.writeErr = opError("write", e)
			return true
		}
		c.writeStamp.progress()
		c.wrote(n)
		if turn > 0 {
			runtime.Gosched() // a fast reader of much must not keep the processor from the rest
		}
	}
}

// pending lists what is left to write: how many buffers, and the first.
func (c *Conn) pending() (iov [3]syscall.Iovec, count, first int) {
	first = -1
	for i := range c.writeBufs {
		if b := c.writeBufs[i]; len(b) > 0 {
			if first < 0 {
				first = i
			}
			iov[count].Base = unsafe.SliceData(b)
			iov[count].SetLen(min(len(b), maxWrite))
			count++
			if len(b) > maxWrite {
				break // what follows must not overtake the rest of it
			}
		}
	}
	return iov, count, first
}

func (c *Conn) wrote(n int) {
	for i := range c.writeBufs {
		k := min(n, len(c.writeBufs[i]))
		c.writeBufs[i] = c.writeBufs[i][k:]
		n -= k
	}
}

// CloseWrite ends our half: the peer reads EOF.
func (c *Conn) CloseWrite() error { return c.tcp.CloseWrite() }

// Close ends the connection and wakes whoever waits on it.
func (c *Conn) Close() error {
	if !c.closed.CompareAndSwap(false, true) {
		return nil
	}
	if c.shard != nil {
		c.shard.remove(c)
	}
	return c.tcp.Close()
}

// Abort closes with a reset, so that the peer cannot take what it got for a
// whole message.
func (c *Conn) Abort() error {
	_ = c.tcp.SetLinger(0)
	return c.Close()
}

// LocalAddr, RemoteAddr and the deadlines make Conn a net.Conn.
func (c *Conn) LocalAddr() net.Addr { return c.tcp.LocalAddr() }

// RemoteAddr is the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.tcp.RemoteAddr() }

// SetDeadline sets a precise deadline by Go's timers, beside the stamps.
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline is SetDeadline for reads.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.readStamp.exact.Store(!t.IsZero())
	return c.tcp.SetReadDeadline(t)
}

// SetWriteDeadline is SetDeadline for writes.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.writeStamp.exact.Store(!t.IsZero())
	return c.tcp.SetWriteDeadline(t)
}

var _ net.Conn = (*Conn)(nil)

func read(fd uintptr, p []byte) (int, syscall.Errno) {
	for {
		n, _, e := syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
		if e == syscall.EINTR {
			continue
		}
		if e != 0 {
			return 0, e
		}
		return int(n), 0
	}
}

func write(fd uintptr, p []byte) (int, syscall.Errno) {
	for {
		n, _, e := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
		if e == syscall.EINTR {
			continue
		}
		if e != 0 {
			return 0, e
		}
		return int(n), 0
	}
}

func writev(fd uintptr, iov *[3]syscall.Iovec, count int) (int, syscall.Errno) {
	for {
		n, _, e := syscall.RawSyscall(syscall.SYS_WRITEV, fd, uintptr(unsafe.Pointer(iov)), uintptr(count))
		if e == syscall.EINTR {
			continue
		}
		if e != 0 {
			return 0, e
		}
		return int(n), 0
	}
}
