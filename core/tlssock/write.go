package tlssock

import "sync"

// record is how much of a message one TLS record holds, in bytes.
const record = 16 << 10

// records lends buffers in which small pieces become one record.
var records = sync.Pool{New: func() any { return new([record]byte) }}

// WriteVec writes a, b and d, one after the other, in as few records as it can.
func (c *Conn) WriteVec(a, b, d []byte) error {
	c.wire.armed.Store(true)
	defer c.wire.armed.Store(false)
	pieces := [3][]byte{a, b, d}
	filled := 0
	var one []byte
	for _, p := range pieces {
		if len(p) > 0 {
			filled++
			one = p
		}
	}
	if filled < 2 {
		return c.write(one)
	}
	buf := records.Get().(*[record]byte)
	defer records.Put(buf)
	n := 0
	for _, p := range pieces {
		for len(p) > 0 {
			k := copy(buf[n:], p)
			p, n = p[k:], n+k
			if n < record {
				break
			}
			if err := c.write(buf[:]); err != nil {
				return err
			}
			n = 0
		}
	}
	return c.write(buf[:n])
}

func (c *Conn) write(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	_, err := c.tls.Write(p)
	return plain(err)
}
