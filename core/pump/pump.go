// Package pump carries bytes both ways between two connections, until both have
// ended their halves or one of them failed.
//
// A direction holds a buffer only while bytes are in it: one that waits costs
// none, and a reader that is slow slows its writer, since nothing is read before
// what was read is written. The end of a half is passed on as such; a failure cuts
// both connections, so that nobody takes what came so far for all.
//
// Start at [Pair].
package pump

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/sock"
)

// End is one of the two connections. Reading may go on beside writing.
type End interface {
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

// waiting is an End that takes a buffer when bytes are there.
type waiting interface {
	ReadFirst(pool sock.BufferPool) (buf *[]byte, n int, err error)
}

// aborting is an End that can end so that its peer sees a failure.
type aborting interface{ Abort() error }

// Pair is two connections that are one for their peers.
type Pair struct {
	Client, Upstream End
	Idle             time.Duration   // without a byte either way; 0 for no bound
	Buffers          sock.BufferPool // of which each direction holds one at a time
	Now              func() int64    // coarse time
	// Panicked is told of a panic, which ends the pair as a failure does.
	Panicked func(v any)

	moved          atomic.Int64 // when a byte went either way, coarse time
	sent, received atomic.Int64 // bytes to the client, and from it
	once           sync.Once
	failure        atomic.Pointer[Failure]
}

// Failure is how a pair ended that did not end in order.
type Failure struct {
	End End   // the one that failed, nil where none is to blame: the time is over
	Err error // nil for an orderly end
}

// Begin starts the idle time. It comes before anything else.
func (p *Pair) Begin() { p.moved.Store(p.Now()) }

// Carry carries both ways, client first, and answers how that ended. early and late
// are what was read of the client and of the upstream before. Both connections
// are the caller's to close.
func (p *Pair) Carry(early, late []byte) Failure {
	p.Begin()
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.contain(p.Upstream, p.Client, late, &p.sent)
	}()
	p.contain(p.Client, p.Upstream, early, &p.received)
	<-done
	return p.Failure()
}

// contain carries one half. A panic ends the pair, and nothing else: the other half
// finds its connections closed.
func (p *Pair) contain(from, to End, early []byte, count *atomic.Int64) {
	defer func() {
		if v := recover(); v != nil {
			p.Panicked(v)
			p.Fail(nil, errPanic)
		}
	}()
	p.direction(from, to, early, count)
}

// Failure is how the pair has failed, the zero Failure while it has not.
func (p *Pair) Failure() Failure {
	if f := p.failure.Load(); f != nil {
		return *f
	}
	return Failure{}
}

var errPanic = errors.New("panic while carrying bytes")

// direction carries one half to its end, and passes that on.
func (p *Pair) direction(from, to End, early []byte, count *atomic.Int64) {
	if len(early) > 0 && !p.write(to, early, count) {
		return
	}
	var own []byte
	for {
		buf, n, err := p.Read(from, &own)
		if err == sock.ErrInterrupted {
			continue // it was meant for what went on here before
		}
		if err != nil {
			p.end(from, to, err)
			return
		}
		ok := p.write(to, (*buf)[:n], count)
		if buf != &own {
			p.Buffers.Put(buf)
		}
		if !ok {
			return
		}
	}
}

// Read waits for bytes as long as the pair is not idle both ways. Buffers has to get
// buf back, unless it is own or nil.
func (p *Pair) Read(from End, own *[]byte) (buf *[]byte, n int, err error) {
	for {
		from.ArmRead(p.Idle)
		if w, ok := from.(waiting); ok {
			buf, n, err = w.ReadFirst(p.Buffers)
		} else {
			if *own == nil {
				*own = make([]byte, ownBuffer)
			}
			buf = own
			n, err = from.Read(*own)
		}
		if err == sock.ErrTimeout && p.Now()-p.moved.Load() < int64(p.Idle) {
			continue
		}
		return buf, n, err
	}
}

// ownBuffer is what a direction holds, in bytes, whose connection cannot wait
// without.
const ownBuffer = 16 << 10

func (p *Pair) write(to End, b []byte, count *atomic.Int64) bool {
	err := p.put(to, b, count)
	if err != nil {
		p.Fail(to, err)
	}
	return err == nil
}

// Write writes all of b to one of the two, which is the client or not.
func (p *Pair) Write(to End, b []byte, client bool) error {
	if client {
		return p.put(to, b, &p.sent)
	}
	return p.put(to, b, &p.received)
}

func (p *Pair) put(to End, b []byte, count *atomic.Int64) error {
	p.moved.Store(p.Now())
	to.ArmWrite(p.Idle)
	if err := to.WriteVec(b, nil, nil); err != nil {
		return err
	}
	count.Add(int64(len(b)))
	p.moved.Store(p.Now())
	return nil
}

// end passes the end of a half on.
func (p *Pair) end(from, to End, err error) {
	if !errors.Is(err, io.EOF) {
		p.Fail(from, err)
		return
	}
	_ = to.CloseWrite() // whoever reads there finds out what is wrong
}

// Fail cuts both connections: whoever reads or writes wakes up. The first call
// says why.
func (p *Pair) Fail(e End, err error) {
	p.once.Do(func() {
		if err == sock.ErrTimeout {
			e = nil
		}
		p.failure.Store(&Failure{e, err})
		for _, e := range [...]End{p.Client, p.Upstream} {
			if e == nil {
				continue
			}
			if a, ok := e.(aborting); ok && err != sock.ErrTimeout {
				_ = a.Abort()
			} else {
				_ = e.Close()
			}
		}
	})
}

// Moved are the bytes that went to the client, and that came from it.
func (p *Pair) Moved() (sent, received int64) { return p.sent.Load(), p.received.Load() }
