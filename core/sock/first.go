package sock

import "syscall"

// BufferPool lends buffers.
type BufferPool interface {
	Get() *[]byte
	Put(*[]byte)
}

// ReadFirst waits for bytes and reads them into a buffer of pool. While it
// waits it holds none: an idle connection costs no buffer. On an error the
// buffer is nil.
func (c *Conn) ReadFirst(pool BufferPool) (buf *[]byte, n int, err error) {
	c.firstPool, c.readN, c.readErr = pool, 0, nil
	err = c.awaitRead(c.firstFn)
	n, err = c.readResult(err)
	buf, c.firstBuf = c.firstBuf, nil
	if err != nil && buf != nil {
		pool.Put(buf)
		buf = nil
	}
	return buf, n, err
}

func (c *Conn) tryFirst(fd uintptr) bool {
	b := c.firstPool.Get()
	n, e := read(fd, *b)
	if e == syscall.EAGAIN {
		c.firstPool.Put(b)
		return false
	}
	c.firstBuf, c.readN = b, n
	if e != 0 {
		c.readErr = opError("read", e)
	}
	return true
}
