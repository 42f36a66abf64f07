package differential_test

import (
	"bufio"
	"crypto/tls"
	"net"
	"strings"
	"time"
)

// client is who sends requests to one proxy.
type client struct {
	run  *run
	addr string
	tag  string // the field by which Weir's routes tell cases apart
	conn net.Conn
	r    *bufio.Reader
}

// send writes text. The first field of each request names the case.
func (c *client) send(text string) {
	if c.conn == nil {
		c.dial()
	}
	if line, rest, ok := strings.Cut(text, " HTTP/1.1\r\n"); ok && !strings.ContainsAny(line, "\r\n") {
		text = line + " HTTP/1.1\r\n" + c.tag + "\r\n" + rest
	}
	if _, err := c.conn.Write([]byte(text)); err != nil {
		c.run.note("client", "sending fails")
	}
}

func (c *client) dial() {
	conn, err := net.Dial("tcp", c.addr)
	if err != nil {
		c.run.note("client", "connecting fails")
		conn, _ = net.Pipe()
	}
	_ = conn.SetDeadline(time.Now().Add(patience))
	if s := c.run.secured; s != nil {
		conn = tls.Client(conn, c.run.side.papers.config(s))
	}
	c.conn, c.r = conn, bufio.NewReader(conn)
}

// read notes the response to a request of that method.
func (c *client) read(method string) {
	for {
		m, err := readHead(c.r)
		if err != nil {
			c.run.note("client", "< no response: "+ending(err))
			c.close()
			return
		}
		status, _, _ := strings.Cut(strings.TrimPrefix(m.start, "HTTP/1.1 "), " ")
		m.start = status
		if strings.HasPrefix(status, "1") {
			c.run.note("client", m.lines("< ")...)
			continue
		}
		if method != "HEAD" && status != "204" && status != "304" {
			err = m.readBody(c.r, true)
		}
		c.run.note("client", m.normal("client").lines("< ")...)
		if err != nil {
			c.run.note("client", "< "+ending(err))
		}
		if err != nil || strings.EqualFold(m.get("connection"), "close") {
			c.close()
		}
		return
	}
}

// close ends the connection; the next request makes another.
func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close()
		c.conn = nil
	}
}

// reset ends the connection so that the proxy sees a reset.
func (c *client) reset() {
	_ = c.conn.(*net.TCPConn).SetLinger(0)
	c.close()
}

// await waits until the case's filters have logged a line that holds text.
func (c *client) await(text string) { c.awaitN(text, 1) }

// awaitN is await for n such lines.
func (c *client) awaitN(text string, n int) { c.run.await(text, n) }
