package http1

import (
	"errors"
	"io"
	"time"

	"github.com/weirproxy/weir/core/stream"
)

// Reader takes messages off a connection, one after the other: a head, then
// the body by [Reader.Next], then [Reader.Finish].
//
// The head stays in its buffer, and its fields point into it, until Finish;
// what of a body does not come with the head goes through a window of its
// own. Between messages neither is held.
type Reader struct {
	t      Transport
	limits Limits
	stream int // bytes of the window

	head *[]byte // the head and what was read with it
	r, w int     // unread are head[r:w]
	win  *[]byte // further bytes of the body
	wr   int     // unread are win[wr:ww]
	ww   int

	body     body
	trail    []byte // trailer section as it comes in
	trailers stream.Headers
}

func (r *Reader) init(t Transport, l Limits, window int) {
	r.t, r.limits, r.stream = t, l, window
}

// Buffered says whether bytes of a next message are there already.
func (r *Reader) Buffered() bool { return r.r < r.w || r.wr < r.ww }

// await waits for the first bytes of a message, holding no buffer meanwhile.
func (r *Reader) await() error {
	if r.head != nil {
		return nil
	}
	b, n, err := r.t.ReadFirst(classes[0])
	if err == nil {
		r.head, r.r, r.w = b, 0, n
	}
	return err
}

// readHead gives the bytes of the next head, of which the first are there,
// reading as needed; within wait, if that is not 0.
func (r *Reader) readHead(wait time.Duration) ([]byte, error) {
	seen := 0
	for first := true; ; first = false {
		b := (*r.head)[r.r:r.w]
		n, err := headEnd(b, seen, &r.limits)
		if err == nil {
			r.r += n
			return b[:n:n], nil
		}
		if err != errMore {
			return nil, err
		}
		if first && wait > 0 {
			r.t.ArmRead(wait)
		}
		seen = len(b)
		if err := r.more(); err != nil {
			if err == io.EOF {
				err = ErrTruncated
			}
			return nil, err
		}
	}
}

// more reads behind the bytes of an incomplete head.
func (r *Reader) more() error {
	if r.w == len(*r.head) {
		r.grow()
	}
	n, err := r.t.Read((*r.head)[r.w:])
	r.w += n
	return err
}

// grow moves the unread bytes to the front, of a larger buffer if they fill
// this one.
func (r *Reader) grow() {
	if r.r > 0 {
		r.w = copy(*r.head, (*r.head)[r.r:r.w])
		r.r = 0
		return
	}
	next := classOf(2 * len(*r.head)).Get()
	r.w = copy(*next, (*r.head)[:r.w])
	giveBack(r.head)
	r.head = next
}

// fill reads body bytes when all that were read are taken. It reports io.EOF
// as it is: what that means depends on the framing.
func (r *Reader) fill() error {
	if r.r < r.w || r.wr < r.ww {
		return nil
	}
	if r.win == nil {
		r.win = classOf(r.stream).Get()
	}
	n, err := r.t.Read(*r.win)
	r.wr, r.ww = 0, max(n, 0)
	return err
}

// unread is what was read and not yet taken; take removes n bytes of it.
func (r *Reader) unread() []byte {
	if r.r < r.w {
		return (*r.head)[r.r:r.w]
	}
	if r.win == nil {
		return nil
	}
	return (*r.win)[r.wr:r.ww]
}

func (r *Reader) take(n int) {
	if r.r < r.w {
		r.r += n
		return
	}
	r.wr += n
}

// surplus is what was read behind a head that ends the protocol: it belongs
// to the one that follows.
func (r *Reader) surplus() []byte {
	u := r.unread()
	r.take(len(u))
	return u
}

// Finish ends a message that was read whole: its head and body are void from
// here on. Bytes of the next message are kept.
func (r *Reader) Finish() {
	switch {
	case r.wr < r.ww: // the next message's bytes came in the body's window
		if r.head != nil {
			giveBack(r.head)
		}
		r.head, r.r, r.w = r.win, r.wr, r.ww
		r.win = nil
	case r.r == r.w && r.head != nil:
		giveBack(r.head)
		r.head, r.r, r.w = nil, 0, 0
	case r.head != nil:
		r.w = copy(*r.head, (*r.head)[r.r:r.w])
		r.r = 0
	}
	r.wr, r.ww = 0, 0
	if r.win != nil {
		giveBack(r.win)
		r.win = nil
	}
	r.trailers.Reset()
	if r.trail = r.trail[:0]; cap(r.trail) > maxKeptTrail {
		r.trail = nil
	}
	r.body = body{}
}

// maxKeptTrail bounds what an idle connection keeps for trailers, in bytes:
// enough for the empty line that nearly all bodies have instead.
const maxKeptTrail = 64

// drop gives all buffers back, at a connection's end.
func (r *Reader) drop() {
	r.r, r.w, r.wr, r.ww = 0, 0, 0, 0
	r.Finish()
}

// isEnd says whether err is the peer's orderly end.
func isEnd(err error) bool { return errors.Is(err, io.EOF) }
