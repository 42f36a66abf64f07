package http2

import (
	"encoding/binary"
	"errors"
	"sync"
	"syscall"

	"golang.org/x/net/http2"
)

// output is what pends to be written: frames of all streams, one behind the
// other. Whoever appends and finds nobody writing writes until nothing is left,
// so that answers that come together leave together.
type output struct {
	buf      *[]byte // nil while nothing pends
	flushing bool
	broken   error // what a write failed by: nothing more is written
	small    int   // frames among it that the peer caused
	blocked  int   // streams that wait for room or credit
	still    sync.Cond
}

const (
	// maxPending bounds what streams append, in bytes: who would go beyond waits.
	maxPending = 64 << 10
	// maxControl bounds the frames pending that a peer caused.
	maxControl = 1000
	// maxRounds is how many times a stream writes for the others before it leaves
	// that to a goroutine of its own.
	maxRounds = 4
)

// outputs are buffers for what pends; a usual answer fits.
var outputs = sync.Pool{New: func() any {
	b := make([]byte, 0, 8<<10)
	return &b
}}

// maxKeptOutput bounds what the pool holds on to, in bytes.
const maxKeptOutput = 128 << 10

func giveOutput(b *[]byte) {
	if cap(*b) <= maxKeptOutput {
		*b = (*b)[:0]
		outputs.Put(b)
	}
}

// raw appends what is no frame.
func (o *output) raw(s string) {
	if o.buf == nil {
		o.buf = outputs.Get().(*[]byte)
	}
	*o.buf = append(*o.buf, s...)
}

// frame appends a frame's header; its payload follows. The lock is held.
func (o *output) frame(t http2.FrameType, f http2.Flags, id uint32, length int) []byte {
	if o.buf == nil {
		o.buf = outputs.Get().(*[]byte)
	}
	b := append(*o.buf, byte(length>>16), byte(length>>8), byte(length), byte(t), byte(f))
	return binary.BigEndian.AppendUint32(b, id)
}

func (o *output) set(b []byte) { *o.buf = b }

// room says whether a stream may append.
func (o *output) room() int {
	if o.buf == nil {
		return maxPending
	}
	return maxPending - len(*o.buf)
}

func (c *conn) appendSettings(list []http2.Setting) {
	b := c.out.frame(http2.FrameSettings, 0, 0, 6*len(list))
	for _, s := range list {
		b = binary.BigEndian.AppendUint16(b, uint16(s.ID))
		b = binary.BigEndian.AppendUint32(b, s.Val)
	}
	c.out.set(b)
}

func (c *conn) appendSettingsAck() {
	c.out.set(c.out.frame(http2.FrameSettings, http2.FlagSettingsAck, 0, 0))
}

func (c *conn) appendPing(ack bool, data [8]byte) {
	var f http2.Flags
	if ack {
		f = http2.FlagPingAck
	}
	c.out.set(append(c.out.frame(http2.FramePing, f, 0, len(data)), data[:]...))
}

func (c *conn) appendReset(id uint32, code http2.ErrCode) {
	c.out.set(binary.BigEndian.AppendUint32(c.out.frame(http2.FrameRSTStream, 0, id, 4), uint32(code)))
}

func (c *conn) appendGoAway(last uint32, code http2.ErrCode) {
	b := binary.BigEndian.AppendUint32(c.out.frame(http2.FrameGoAway, 0, 0, 8), last)
	c.out.set(binary.BigEndian.AppendUint32(b, uint32(code)))
}

func (c *conn) appendUpdate(id uint32, n int) {
	if n > 0 {
		c.out.set(binary.BigEndian.AppendUint32(c.out.frame(http2.FrameWindowUpdate, 0, id, 4), uint32(n)))
	}
}

func (c *conn) appendData(id uint32, data []byte, end bool) {
	var f http2.Flags
	if end {
		f = http2.FlagDataEndStream
	}
	c.out.set(append(c.out.frame(http2.FrameData, f, id, len(data)), data...))
}

// appendHead appends a header block, in as many frames as the peer's frame
// size asks for.
func (c *conn) appendHead(id uint32, block []byte, end bool) {
	t, f := http2.FrameHeaders, http2.Flags(0)
	if end {
		f = http2.FlagHeadersEndStream
	}
	for {
		n := min(len(block), c.peer.frame)
		if n == len(block) {
			f |= http2.FlagHeadersEndHeaders
		}
		c.out.set(append(c.out.frame(t, f, id, n), block[:n]...))
		if block = block[n:]; len(block) == 0 {
			return
		}
		t, f = http2.FrameContinuation, 0
	}
}

// flush writes what pends, unless somebody does already. The lock is held, but
// not while it writes.
func (c *conn) flush() {
	if c.out.buf != nil && !c.out.flushing {
		c.out.flushing = true
		c.write(maxRounds)
	}
}

// flushAside lets a goroutine of its own write what pends: the reader must not
// wait for a peer that does not read.
func (c *conn) flushAside() {
	if c.out.buf != nil && !c.out.flushing {
		c.out.flushing = true
		go c.writeAside()
	}
}

func (c *conn) writeAside() {
	c.mu.Lock()
	c.write(-1)
	c.mu.Unlock()
}

// write writes until nothing pends, or hands over after so many rounds.
func (c *conn) write(rounds int) {
	for c.out.buf != nil && c.out.broken == nil {
		if rounds == 0 {
			go c.writeAside()
			return
		}
		rounds--
		b := c.out.buf
		c.out.buf, c.out.small = nil, 0
		patience := c.opt.WriteIdle
		if c.err != nil {
			patience = lingerTime
		}
		c.mu.Unlock()
		c.t.ArmWrite(patience)
		err := c.t.WriteVec(*b, nil, nil)
		giveOutput(b)
		c.mu.Lock()
		if err != nil {
			c.cut(err)
		}
		c.wakeWriters()
		c.out.still.Broadcast()
	}
	if c.out.buf != nil { // and never will be
		giveOutput(c.out.buf)
		c.out.buf, c.out.small = nil, 0
	}
	c.out.flushing = false
	c.out.still.Broadcast()
}

// cut notes that nothing more can be written. What a peer said before it closed
// may still be there: the reader finds out, and comes to the connection's end by
// itself. For a peer that does not read it need not wait.
func (c *conn) cut(err error) {
	c.out.broken = err
	if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
		c.fail(err)
		_ = c.t.Close()
	}
}

// settle writes what pends and waits until it is written. The lock is held.
func (c *conn) settle() {
	c.flush()
	for c.out.flushing {
		c.out.still.Wait()
	}
}

// wakeWriters lets streams that wait for room or credit look again.
func (c *conn) wakeWriters() {
	if c.out.blocked == 0 {
		return
	}
	for _, s := range c.streams {
		if s.writeSince != 0 {
			s.cond.Broadcast()
		}
	}
}
