package sock

import "time"

// Interrupt lets the read under way, or else the next, fail with
// ErrInterrupted: its goroutine has something else to look at. Reads after
// that one are as before.
func (c *Conn) Interrupt() {
	c.mu.Lock()
	c.broken.Store(true)
	_ = c.tcp.SetReadDeadline(time.Unix(1, 0))
	c.mu.Unlock()
}

func (c *Conn) endInterrupt() {
	c.mu.Lock()
	c.broken.Store(false)
	if !c.readStamp.expired() {
		_ = c.tcp.SetReadDeadline(time.Time{})
	}
	c.mu.Unlock()
}
