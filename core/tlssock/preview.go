package tlssock

import "io"

// Preview waits until more than have bytes of what the peer sends can be seen,
// and copies them into p from their beginning, as many as fit. It takes nothing:
// see [sock.Conn.Preview]. Nothing else may read meanwhile.
func (c *Conn) Preview(p []byte, have int) (int, error) {
	for len(c.ahead) <= have {
		from := len(c.ahead)
		if from >= len(p) {
			return 0, io.ErrShortBuffer
		}
		c.ahead = append(c.ahead, p[from:]...) // room for as many as are asked for
		n, err := c.ending(c.tls.Read(c.ahead[from:]))
		c.ahead = c.ahead[:from+n]
		if err != nil {
			return 0, err
		}
	}
	return copy(p, c.ahead), nil
}

// takeAhead takes what Preview has read.
func (c *Conn) takeAhead(p []byte) int {
	n := copy(p, c.ahead)
	if c.ahead = c.ahead[n:]; len(c.ahead) == 0 {
		c.ahead = nil
	}
	return n
}
