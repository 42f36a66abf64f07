package differential_test

import (
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/abi/proxywasm/differential/guest"
)

// networkCase is what both proxies are given as filters of a TCP connection.
type networkCase struct {
	name     string
	programs []guest.Program
	open     bool            // a failure lets connections pass
	client   func(c *talker) // default: it asks and ends
	origin   func(o *talker) // default: it answers what it is asked
}

// network is a case with these filters.
func network(name string, programs ...guest.Program) networkCase {
	return networkCase{name: name, programs: programs}
}

func (c networkCase) from(client func(c *talker)) networkCase {
	c.client = client
	return c
}

func (c networkCase) to(origin func(o *talker)) networkCase {
	c.origin = origin
	return c
}

// talker is one end of a connection: the client, or the upstream.
type talker struct {
	who  string
	run  *networkRun
	conn *net.TCPConn
}

func (t *talker) note(line string) { t.run.side.add(t.run.name+"/"+t.who, line) }

// say writes text.
func (t *talker) say(text string) {
	if _, err := io.WriteString(t.conn, text); err != nil {
		t.note("sending fails")
	}
}

// hear reads n bytes and notes them.
func (t *talker) hear(n int) {
	b := make([]byte, n)
	k, err := io.ReadFull(t.conn, b)
	t.note("< " + readable(string(b[:k])))
	if err != nil {
		t.note("< " + ending(err))
	}
}

// rest reads to the end and notes what there was.
func (t *talker) rest() {
	b, err := io.ReadAll(t.conn)
	if len(b) > 200 {
		b = fmt.Appendf(nil, "%d bytes, the last %q", len(b), b[len(b)-1])
	}
	t.note("< " + readable(string(b)))
	switch {
	case err == nil:
		t.note("< the end")
	default:
		t.note("< " + ending(err))
	}
}

// half ends the half of the talker.
func (t *talker) half() { _ = t.conn.CloseWrite() }

// reset ends the connection so that the proxy sees a reset.
func (t *talker) reset() {
	_ = t.conn.SetLinger(0)
	_ = t.conn.Close()
}

// await waits until the case's filters have logged a line that holds text.
func (t *talker) await(text string) { t.awaitN(text, 1) }

func (t *talker) awaitN(text string, n int) {
	if !t.run.side.await(t.run.name+"/guest", text, n) {
		t.note(fmt.Sprintf("? the guest never logged %q (%d)", text, n))
	}
}

// networkRun is one case in one proxy.
type networkRun struct {
	*networkCase
	side *side
	came chan struct{} // closed when the upstream has been connected to
	done chan struct{} // and when it has ended
}

// upstreams is where one proxy connects to.
type upstreams struct {
	addr    string
	current atomic.Pointer[networkRun]
}

func serveConnections(t *testing.T) *upstreams {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u := &upstreams{addr: l.Addr().String()}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go u.serve(conn.(*net.TCPConn))
		}
	}()
	return u
}

func (u *upstreams) serve(conn *net.TCPConn) {
	defer conn.Close()
	r := u.current.Load()
	defer close(r.done)
	close(r.came)
	_ = conn.SetDeadline(time.Now().Add(patience))
	script := r.origin
	if script == nil {
		script = answers
	}
	script(&talker{"origin", r, conn})
}

// asks is the client of most cases: it asks, hears the answer, and ends.
func asks(c *talker) {
	c.say("ping")
	c.hear(4)
	c.half()
	c.rest()
}

// answers is the upstream of most cases.
func answers(o *talker) {
	o.hear(4)
	o.say("pong")
	o.rest()
}

// do runs the case and answers what was seen. The upstream is waited for if it
// was connected to.
func (c *networkCase) do(s *side, u *upstreams, addr string, settle func()) (seen []string) {
	r := &networkRun{c, s, make(chan struct{}), make(chan struct{})}
	u.current.Store(r)
	s.callees.current.Store(&run{&differentialCase{name: c.name}, s})
	s.forget(c.name + "/guest")
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return []string{"connecting fails: " + err.Error()}
	}
	_ = conn.SetDeadline(time.Now().Add(patience))
	script := c.client
	if script == nil {
		script = asks
	}
	script(&talker{"client", r, conn.(*net.TCPConn)})
	_ = conn.Close()
	select {
	case <-r.came:
		<-r.done
	default:
	}
	settle()
	for _, who := range []string{"client", "origin", "callee", "guest"} {
		for _, line := range s.of(c.name + "/" + who) {
			seen = append(seen, who+" "+line)
		}
	}
	return seen
}

// holding pauses until size bytes of a direction are there.
func holding(callback string, size int) guest.Program {
	return guest.Program{guest.Trace(), guest.On(callback, guest.When(guest.Param(2), 0, guest.Unless(guest.Param(1), size, guest.Ret(1))))}
}

// changing changes a direction's bytes.
func changing(callback string, buffer int, steps ...guest.Step) guest.Program {
	return guest.Program{guest.Trace(), guest.On(callback,
		append(steps, guest.Ask("get_buffer_bytes", buffer, 0, 1000, guest.Text))...)}
}
