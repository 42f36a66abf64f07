package tcp

import (
	"errors"
	"runtime/debug"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
)

// A panic is a bug of ours. It ends the connection it happened on, and costs what its
// filters hold in their instances; everything else goes on.

var errPanic = errors.New("panic while filtering a connection")

// contain runs do, which holds the stream's lock when it ends, also by a panic: then
// the other half wakes, and finds that the connection is over.
func (c *Conn) contain(do func()) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		c.panicked(v)
		c.flow.lost = true
		c.fail(fault.New(fault.Unknown, "carrying a connection", errPanic))
		c.pair.Fail(nil, errPanic)
		c.over()
	}()
	do()
}

func (c *Conn) panicked(v any) {
	c.Log.Error("panic while carrying a connection", "service", c.Service.Name, "panic", v, "stack", string(debug.Stack()))
}

// read waits for a piece, letting go of the stream meanwhile.
func (c *Conn) read(d filter.Direction, from side) (buf *[]byte, n int, err error) {
	c.st.Idle(d, from)
	defer c.st.Busy(d)
	return c.pair.Read(from, &c.flow.half[d].own)
}

// write writes data and the half's end, letting go of the stream meanwhile.
func (c *Conn) write(d filter.Direction, to side, data []byte, end bool) (err error) {
	c.st.Unlock()
	defer c.st.Lock()
	if len(data) > 0 {
		err = c.pair.Write(to, data, d == filter.Response)
	}
	if err == nil && end {
		_ = to.CloseWrite() // whoever reads there finds out what is wrong
	}
	return err
}

// reach connects, letting go of the stream meanwhile.
func (c *Conn) reach() error {
	c.waiting.Store(true)
	defer c.waiting.Store(false)
	c.st.Idle(filter.Response, deaf{})
	defer c.st.Busy(filter.Response)
	return c.connect()
}

// deaf is a wait that nobody can end early. It has a bound of its own.
type deaf struct{}

func (deaf) Interrupt() {}
