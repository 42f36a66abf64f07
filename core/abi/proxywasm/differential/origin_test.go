package differential_test

import (
	"bufio"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// origins is the upstream of one proxy: it does what the case that runs says.
type origins struct {
	addr    string
	current atomic.Pointer[run]
	open    sync.Map
	all     sync.WaitGroup
}

// origin is one request at the upstream.
type origin struct {
	run  *run
	conn net.Conn
	r    *bufio.Reader
	head *message

	whole bool // the request was read to its end
	ended bool // the connection cannot be used again
}

// serve has handle answer each request.
func serve(t *testing.T, handle func(o *origin)) *origins {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &origins{addr: l.Addr().String()}
	s.all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.open.Store(conn, true)
			s.all.Go(func() {
				defer s.open.Delete(conn)
				defer conn.Close()
				s.converse(conn, handle)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		s.open.Range(func(conn, _ any) bool { _ = conn.(net.Conn).Close(); return true })
		s.all.Wait()
	})
	return s
}

func (s *origins) converse(conn net.Conn, handle func(o *origin)) {
	r := bufio.NewReader(conn)
	for {
		m, err := readHead(r)
		if err != nil {
			return
		}
		run := s.current.Load()
		if run == nil {
			return
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		o := &origin{run: run, conn: conn, r: r, head: m}
		handle(o)
		if o.ended || !o.whole {
			return
		}
		_ = conn.SetDeadline(time.Time{})
	}
}

// request reads the rest of the request and notes all of it.
func (o *origin) request() {
	m := *o.head
	err := m.readBody(o.r, false)
	o.run.note("origin", m.normal("origin").lines("> ")...)
	o.whole = err == nil
	if err != nil {
		o.run.note("origin", "> "+ending(err))
	}
}

// say writes text. An origin whose proxy has gone has nobody to tell.
func (o *origin) say(text string) { _, _ = o.conn.Write([]byte(text)) }

// await waits until the case's filters have logged a line that holds text.
func (o *origin) await(text string) { o.awaitN(text, 1) }

// awaitN is await for n such lines.
func (o *origin) awaitN(text string, n int) { o.run.await(text, n) }

// awaitCall waits until a call of the case's filters has come.
func (o *origin) awaitCall() {
	if !o.run.side.await(o.run.name+"/callee", "call> ", 1) {
		o.run.note("origin", "? no call came")
	}
}

// cut ends the connection.
func (o *origin) cut() {
	o.ended = true
	_ = o.conn.Close()
}

// reset ends the connection so that the proxy sees a reset.
func (o *origin) reset() {
	_ = o.conn.(*net.TCPConn).SetLinger(0)
	o.cut()
}

// awaitEnd waits until the proxy has closed the connection.
func (o *origin) awaitEnd() {
	o.ended = true
	for {
		if _, err := o.r.ReadByte(); err != nil {
			return
		}
	}
}

// refusing is an address that nobody listens on. A client's connection has its
// port, so that no other process is given it meanwhile.
func refusing(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		_ = l.Close()
	})
	return conn.LocalAddr().String()
}

// hello is the origin of cases that have none of their own.
func hello(o *origin) {
	o.request()
	o.say(answer("200 OK", "hello", "Content-Type: text/plain"))
}
