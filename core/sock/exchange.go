package sock

import "syscall"

// exchange is the state of an Exchange under way.
type exchange struct {
	out     []byte // still to be written
	sent    bool   // the liveness read is done, writing has begun
	stale   bool
	blocked bool // the socket took only a part: the caller goes on with Write
}

// Exchange proves that an idle connection is alive, writes out, and reads the
// first bytes of what comes back into p, all within one wait: the read that
// must find nothing also arms the poller, so that an exchange costs three
// system calls. written says whether any byte may have left.
func (c *Conn) Exchange(out, p []byte) (n int, written bool, err error) {
	c.exchange = exchange{out: out}
	c.readBuf, c.readN, c.readErr = p, 0, nil
	err = c.awaitRead(c.exchangeFn)
	c.readBuf = nil
	x := &c.exchange
	rest := x.out
	x.out = nil
	if x.stale {
		return 0, false, ErrStale
	}
	if err == nil && x.blocked {
		if err = c.WriteVec(rest, nil, nil); err != nil {
			return 0, true, err
		}
		n, err = c.Read(p)
		return n, true, err
	}
	n, err = c.readResult(err)
	return n, x.sent, err
}

func (c *Conn) tryExchange(fd uintptr) bool {
	x := &c.exchange
	if x.sent {
		return c.tryRead(fd)
	}
	if _, e := read(fd, c.readBuf); e != syscall.EAGAIN {
		x.stale = true
		return true
	}
	for len(x.out) > 0 {
		n, e := write(fd, x.out[:min(len(x.out), maxWrite)])
		if e == syscall.EAGAIN {
			x.blocked = true
			return true
		}
		if e != 0 {
			x.stale = !x.sent
			c.readErr = opError("write", e)
			return true
		}
		x.sent = true
		x.out = x.out[n:]
	}
	return false
}

// Alive is Exchange's proof alone: it fails with ErrStale when the connection
// is closed or holds bytes nobody asked for.
func (c *Conn) Alive() error {
	if c.Peek() != Quiet {
		return ErrStale
	}
	return nil
}
