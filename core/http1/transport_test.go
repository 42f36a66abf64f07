package http1_test

import (
	"io"
	"time"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

// wire is a connection in memory: what the peer sends is scripted in pieces,
// one a read, and what we send is kept.
type wire struct {
	in      [][]byte
	end     error // what reads end with behind the pieces
	out     []byte
	writes  int
	failOn  int   // the write that fails with writeErr, counted from 1; 0 for none
	fail    error // of that write
	stale   bool  // the idle connection has ended
	armed   []time.Duration
	broken  bool // Interrupt was called
	closed  bool
	aborted bool
}

// pieces cuts text into reads of n bytes.
func pieces(text string, n int) [][]byte {
	var p [][]byte
	for len(text) > n {
		p, text = append(p, []byte(text[:n])), text[n:]
	}
	return append(p, []byte(text))
}

func incoming(text ...string) *wire {
	w := &wire{end: io.EOF}
	for _, t := range text {
		w.in = append(w.in, []byte(t))
	}
	return w
}

func (w *wire) Read(p []byte) (int, error) {
	switch {
	case w.broken:
		w.broken = false
		return 0, sock.ErrInterrupted
	case len(p) == 0:
		return 0, nil
	case len(w.in) == 0:
		return 0, w.end
	}
	n := copy(p, w.in[0])
	if w.in[0] = w.in[0][n:]; len(w.in[0]) == 0 {
		w.in = w.in[1:]
	}
	return n, nil
}

func (w *wire) ReadFirst(pool sock.BufferPool) (*[]byte, int, error) {
	b := pool.Get()
	n, err := w.Read(*b)
	if err != nil {
		pool.Put(b)
		return nil, 0, err
	}
	return b, n, nil
}

func (w *wire) Exchange(out, p []byte) (int, bool, error) {
	if w.broken {
		w.broken = false
		return 0, false, sock.ErrInterrupted
	}
	if w.stale {
		return 0, false, sock.ErrStale
	}
	if err := w.WriteVec(out, nil, nil); err != nil {
		return 0, true, err
	}
	n, err := w.Read(p)
	return n, true, err
}

func (w *wire) Alive() error {
	if w.stale {
		return sock.ErrStale
	}
	return nil
}

func (w *wire) WriteVec(a, b, c []byte) error {
	if w.writes++; w.writes == w.failOn {
		return w.fail
	}
	w.out = append(append(append(w.out, a...), b...), c...)
	return nil
}

func (w *wire) ArmRead(d time.Duration) { w.armed = append(w.armed, d) }
func (w *wire) ArmWrite(time.Duration)  {}
func (w *wire) Interrupt()              { w.broken = true }

// Peek tells of what the next Read finds. An empty piece is a lull: it is over once
// it was seen.
func (w *wire) Peek() sock.State {
	switch {
	case len(w.in) == 0:
		return sock.Gone
	case len(w.in[0]) == 0:
		w.in = w.in[1:]
		return sock.Quiet
	}
	return sock.Readable
}

func (w *wire) HalfClosed() bool  { return false }
func (w *wire) CloseWrite() error { return nil }
func (w *wire) Close() error      { w.closed = true; return nil }
func (w *wire) Abort() error      { w.aborted = true; return w.Close() }

// limits are roomy, options strict about nothing but the protocol.
var (
	limits        = http1.Limits{Bytes: 32 << 10, Count: 100, Line: 8 << 10}
	serverOptions = http1.ServerOptions{
		Limits: limits, Window: 8 << 10, Head: 10 * time.Second, BodyIdle: 30 * time.Second, WriteIdle: time.Minute,
	}
	clientOptions = http1.ClientOptions{
		Head: 32 << 10, HeadCount: 100, Window: 8 << 10, BodyIdle: 30 * time.Second, WriteIdle: time.Minute,
	}
)

func parse(text string) (*stream.RequestHead, *http1.Framing, error) {
	head, f := new(stream.RequestHead), new(http1.Framing)
	return head, f, http1.ParseRequest([]byte(text), head, f, &limits)
}

// list shows fields one a line.
func list(h *stream.Headers) string {
	s := ""
	for _, f := range h.Fields() {
		s += string(f.Name) + ": " + string(f.Value) + "\n"
	}
	return s
}
