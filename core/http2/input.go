package http2

import (
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
)

// input is what was read off the transport and not yet taken. It holds a
// buffer only while there are such bytes.
type input struct {
	c    *conn
	buf  *[]byte
	r, w int
}

var inputs = http1.Buffers(maxFrame)

// give puts bytes in front that somebody read before us: at most a buffer full.
func (in *input) give(b []byte) {
	if len(b) == 0 {
		return
	}
	in.buf = http1.Buffers(len(b)).Get()
	in.r, in.w = 0, copy(*in.buf, b)
}

// peek is what is there, waiting for the first byte. Time-outs are looked into
// while it waits.
func (in *input) peek() ([]byte, error) {
	if in.r < in.w {
		return (*in.buf)[in.r:in.w], nil
	}
	in.drop()
	for {
		wait, err := in.c.beforeRead()
		if err != nil {
			return nil, err
		}
		in.c.t.ArmRead(wait)
		b, n, err := in.c.t.ReadFirst(inputs)
		switch {
		case err == nil:
			in.buf, in.r, in.w = b, 0, n
			in.c.heard = in.c.now()
			if err := in.c.tick(false); err != nil {
				return nil, err
			}
			return (*b)[:n], nil
		case err == sock.ErrTimeout:
			if err := in.c.tick(true); err != nil {
				return nil, err
			}
		case err != sock.ErrInterrupted:
			return nil, err
		}
	}
}

// take removes n bytes of what peek showed.
func (in *input) take(n int) {
	if in.r += n; in.r == in.w {
		in.drop()
	}
}

func (in *input) drop() {
	if in.buf != nil {
		http1.GiveBack(in.buf)
		in.buf = nil
	}
	in.r, in.w = 0, 0
}

// Read is for the framer, which reads the nine bytes of a frame's header.
func (in *input) Read(p []byte) (int, error) {
	b, err := in.peek()
	if err != nil {
		return 0, err
	}
	if in.c.began == 0 {
		in.c.began = in.c.now()
	}
	n := copy(p, b)
	in.take(n)
	return n, nil
}

// octet reads one byte of a payload.
func (in *input) octet() (byte, error) {
	b, err := in.peek()
	if err != nil {
		return 0, err
	}
	v := b[0]
	in.take(1)
	return v, nil
}

// payload hands n bytes to do, in the pieces in which they come. A piece is
// valid during the call.
func (in *input) payload(n int, do func(p []byte) error) error {
	for n > 0 {
		b, err := in.peek()
		if err != nil {
			return err
		}
		b = b[:min(n, len(b))]
		if err := do(b); err != nil {
			return err
		}
		in.take(len(b))
		n -= len(b)
	}
	return nil
}

// skip drops n bytes of a payload.
func (in *input) skip(n int) error {
	return in.payload(n, func([]byte) error { return nil })
}
