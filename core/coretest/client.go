package coretest

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Client is a connection to the proxy that says what the test wants. Whatever it does
// next has Patience, however long it has lived.
type Client struct {
	net.Conn
	R     *bufio.Reader
	t     testing.TB
	until atomic.Int64 // its deadline, in nanoseconds since 1970
}

// Dial connects.
func Dial(t testing.TB, addr string) *Client {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	c := Over(t, nc)
	c.renew()
	return c
}

// Over speaks over a connection that is there.
func Over(t testing.TB, nc net.Conn) *Client {
	return &Client{Conn: nc, R: bufio.NewReader(nc), t: t}
}

// SetDeadline implements net.Conn.
func (c *Client) SetDeadline(at time.Time) error {
	c.until.Store(at.UnixNano())
	return c.Conn.SetDeadline(at)
}

// renew gives what comes next its time, unless there is more.
func (c *Client) renew() {
	if at := time.Now().Add(Patience); at.UnixNano() > c.until.Load() {
		_ = c.SetDeadline(at)
	}
}

// Write implements net.Conn.
func (c *Client) Write(b []byte) (int, error) {
	c.renew()
	return c.Conn.Write(b)
}

// Send writes text, whatever it is.
func (c *Client) Send(text string) {
	c.t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		c.t.Fatalf("sending %.60q: %v", text, err)
	}
}

// Response is a response that was read whole.
type Response struct {
	Status  int
	Header  http.Header
	Body    string
	Trailer http.Header
	Close   bool
	Err     error // of the body: it ended early
}

// Read reads the response to a request of that method; an interim one too.
func (c *Client) Read(method string) Response {
	c.t.Helper()
	r, err := c.TryRead(method)
	if err != nil {
		c.t.Fatalf("reading a response: %v", err)
	}
	return r
}

// TryRead is Read for a response that may not come.
func (c *Client) TryRead(method string) (Response, error) {
	c.renew()
	resp, err := http.ReadResponse(c.R, &http.Request{Method: method})
	if err != nil {
		return Response{}, err
	}
	out := Response{Status: resp.StatusCode, Header: resp.Header, Close: resp.Close}
	if resp.StatusCode >= 200 {
		b, err := io.ReadAll(resp.Body)
		out.Body, out.Err, out.Trailer = string(b), err, resp.Trailer
	}
	return out, nil
}

// Line reads one line without its end.
func (c *Client) Line() string {
	c.t.Helper()
	c.renew()
	line, err := c.R.ReadString('\n')
	if err != nil {
		c.t.Fatalf("reading a line: %v after %q", err, line)
	}
	return strings.TrimRight(line, "\r\n")
}

// Closed says whether the proxy closes the connection, without a further byte.
func (c *Client) Closed() bool {
	c.renew()
	_, err := c.R.ReadByte()
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}

// HalfClose ends our sending.
func (c *Client) HalfClose() { _ = c.Conn.(*net.TCPConn).CloseWrite() }

// Reset closes so that the proxy sees a reset.
func (c *Client) Reset() {
	_ = c.Conn.(*net.TCPConn).SetLinger(0)
	_ = c.Conn.Close()
}

// Get sends a GET on a connection of its own.
func Get(t testing.TB, addr, path string, fields ...string) Response {
	t.Helper()
	c := Dial(t, addr)
	head := "GET " + path + " HTTP/1.1\r\nHost: test\r\n"
	for _, f := range fields {
		head += f + "\r\n"
	}
	c.Send(head + "\r\n")
	return c.Read("GET")
}
