package http1_test

import (
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/stream"
)

func getHead(nv ...string) *stream.RequestHead {
	return &stream.RequestHead{Method: []byte("GET"), Authority: []byte("a"), Path: []byte("/x?y"), Headers: fieldsOf(nv...)}
}

func TestRequestsAreFramedAnew(t *testing.T) {
	lying := []string{"content-length", "99", "transfer-encoding", "gzip", "connection", "x", "expect", "x", "upgrade", "h2c", "x-a", "b"}
	for _, c := range []struct {
		name   string
		fields []string
		f      http1.RequestFraming
		pieces []string
		want   string
	}{
		{"no body", lying, http1.RequestFraming{Length: http1.NoBody}, nil, "GET /x?y HTTP/1.1\r\nhost: a\r\nx-a: b\r\n\r\n"},
		{"another host", nil, http1.RequestFraming{Length: http1.NoBody, Host: "b"}, nil, "GET /x?y HTTP/1.1\r\nhost: b\r\n\r\n"},
		{"empty body", nil, http1.RequestFraming{Length: 0}, []string{""}, "GET /x?y HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n"},
		{"known at once", lying, http1.RequestFraming{Length: 5}, []string{"hello"},
			"GET /x?y HTTP/1.1\r\nhost: a\r\nx-a: b\r\ncontent-length: 5\r\n\r\nhello"},
		{"known, in pieces", nil, http1.RequestFraming{Length: 5}, []string{"", "he", "llo"},
			"GET /x?y HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello"},
		{"unknown", nil, http1.RequestFraming{Length: http1.Unknown}, []string{"", "abc", ""},
			"GET /x?y HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
		{"unknown, at once", nil, http1.RequestFraming{Length: http1.Unknown}, []string{"abc"},
			"GET /x?y HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
		{"expectation", nil, http1.RequestFraming{Length: 3, Expect: true}, []string{"", "abc"},
			"GET /x?y HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\nabc"},
		{"upgrade", []string{"upgrade", "websocket"}, http1.RequestFraming{Length: http1.NoBody, Upgrade: true}, nil,
			"GET /x?y HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"},
		{"TE", []string{"te", "trailers"}, http1.RequestFraming{Length: http1.NoBody}, nil,
			"GET /x?y HTTP/1.1\r\nhost: a\r\nte: trailers\r\nconnection: te\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := incoming("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			client := http1.NewClient(w, &clientOptions)
			first, rest := []byte(nil), c.pieces
			if len(rest) > 0 {
				first, rest = []byte(rest[0]), rest[1:]
			}
			if err := client.Send(getHead(c.fields...), &c.f, first, len(rest) == 0, nil, time.Second); err != nil {
				t.Fatal(err)
			}
			for i, p := range rest {
				if err := client.WriteBody([]byte(p), i == len(rest)-1, nil); err != nil {
					t.Fatal(err)
				}
			}
			if got := string(w.out); got != c.want {
				t.Errorf("sent\n%q\nwant\n%q", got, c.want)
			}
			var head stream.ResponseHead
			if err := client.ReadHead(&head, []byte("GET"), time.Second); err != nil || !client.Ended() || !client.Reusable() {
				t.Errorf("answer: %v, ended %v", err, client.Ended())
			}
		})
	}
}

// exchange sends a request and reads the whole answer.
func exchange(c *http1.Client, method string) (body string, err error) {
	h := getHead()
	h.Method = []byte(method)
	if err := c.Send(h, &http1.RequestFraming{Length: http1.NoBody}, nil, true, nil, time.Second); err != nil {
		return "", err
	}
	var head stream.ResponseHead
	for head.Status < 200 {
		head.Reset()
		if err := c.ReadHead(&head, h.Method, time.Second); err != nil {
			return "", err
		}
		if head.Status == 101 {
			return "", nil
		}
	}
	for {
		chunk, end, err := c.ReadBody(time.Second)
		if body += string(chunk); err != nil || end {
			return body, err
		}
	}
}

func TestWhatAnUpstreamMayDo(t *testing.T) {
	const reset, protocol = fault.UpstreamReset, fault.UpstreamProtocol
	for _, c := range []struct {
		name, method, answer string
		end                  error
		want                 fault.Kind
		body                 string
		reusable, surplus    bool
	}{
		{"a length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", nil, accepted, "hello", true, false},
		{"chunks", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx: y\r\n\r\n", nil, accepted, "hello", true, false},
		{"until its end", "GET", "HTTP/1.1 200 OK\r\n\r\nhello", io.EOF, accepted, "hello", false, false},
		{"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", nil, accepted, "", true, false},
		{"HEAD with a body", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", nil, accepted, "", false, true},
		{"204 with a body", "GET", "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\nhello", nil, accepted, "", false, true},
		{"304 with a length", "GET", "HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n", nil, accepted, "", true, false},
		{"an answer behind the answer", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK", nil, accepted, "", false, true},
		{"one byte behind the answer", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab", nil, accepted, "a", false, true},
		{"it means to close", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", nil, accepted, "", false, false},
		{"HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", nil, accepted, "", false, false},
		{"HTTP/1.0 that stays", "GET", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", nil, accepted, "", true, false},
		{"interim first", "GET", "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", nil, accepted, "a", true, false},
		{"101", "GET", "HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", nil, accepted, "", false, false},

		{"ends before a byte", "GET", "", io.EOF, reset, "", false, false},
		{"reset before a byte", "GET", "", syscall.ECONNRESET, reset, "", false, false},
		{"silence", "GET", "", sock.ErrTimeout, fault.UpstreamTimeout, "", false, false},
		{"ends in the head", "GET", "HTTP/1.1 20", io.EOF, reset, "", false, false},
		{"reset in the head", "GET", "HTTP/1.1 20", syscall.ECONNRESET, reset, "", false, false},
		{"silence in the head", "GET", "HTTP/1.1 20", sock.ErrTimeout, fault.UpstreamTimeout, "", false, false},
		{"silence in the body", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", sock.ErrTimeout, fault.UpstreamTimeout, "hel", false, false},
		{"short body", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", io.EOF, reset, "hel", false, false},
		{"short chunks", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", io.EOF, reset, "hello", false, false},
		{"reset in a body until its end", "GET", "HTTP/1.1 200 OK\r\n\r\nhel", syscall.ECONNRESET, reset, "hel", false, false},
		{"broken chunks", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz", io.EOF, protocol, "", false, false},
		{"forbidden trailer", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nset-cookie: x\r\n\r\n", nil, protocol, "", false, false},
		{"no HTTP", "GET", "SSH-2.0-OpenSSH\r\n\r\n", nil, protocol, "", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			sizes := []int{1, 3, 1 << 20}
			if c.surplus {
				sizes = sizes[2:] // what stands behind an answer is seen when it was read along
			}
			for _, n := range sizes {
				w := &wire{end: c.end}
				if c.answer != "" {
					w.in = pieces(c.answer, n)
				}
				if w.end == nil {
					w.end = sock.ErrTimeout
				}
				client := http1.NewClient(w, &clientOptions)
				body, err := exchange(client, c.method)
				if got := kindOf(err); got != c.want || body != c.body {
					t.Fatalf("in pieces of %d: %q, %s (%v), want %q, %s", n, body, show(got), err, c.body, show(c.want))
				}
				if got := client.Reusable(); got != c.reusable {
					t.Errorf("in pieces of %d: reusable %v, want %v", n, got, c.reusable)
				}
			}
		})
	}
}

// A connection whose answer was not read to the end must not be used again.
func TestReusableNeedsTheWholeExchange(t *testing.T) {
	begin := func(answer string) *http1.Client {
		c := http1.NewClient(incoming(answer), &clientOptions)
		if err := c.Send(getHead(), &http1.RequestFraming{Length: http1.NoBody}, nil, true, nil, 0); err != nil {
			t.Fatal(err)
		}
		return c
	}
	if begin("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").Reusable() {
		t.Error("reusable before the head was read")
	}
	var head stream.ResponseHead
	c := begin("HTTP/1.1 100 Continue\r\n\r\n")
	if err := c.ReadHead(&head, []byte("GET"), 0); err != nil || c.Reusable() {
		t.Errorf("reusable after an interim response (%v)", err)
	}
	c = begin("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab")
	if err := c.ReadHead(&head, []byte("GET"), 0); err != nil || c.Reusable() {
		t.Errorf("reusable with an unread body (%v)", err)
	}
	c = http1.NewClient(incoming("HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n"), &clientOptions)
	if err := c.Send(getHead(), &http1.RequestFraming{Length: 5}, []byte("ab"), false, nil, 0); err != nil {
		t.Fatal(err)
	}
	if err := c.ReadHead(&head, []byte("GET"), 0); err != nil || c.Reusable() {
		t.Errorf("reusable with a request under way (%v)", err)
	}
}

// What a fault of Send says decides whether the request is sent again.
func TestSendSaysWhatMayHaveLeft(t *testing.T) {
	noBody, length := http1.RequestFraming{Length: http1.NoBody}, http1.RequestFraming{Length: 10}
	for _, c := range []struct {
		name string
		wire func(*wire)
		f    *http1.RequestFraming
		used bool // the connection answered a request before
		want fault.Kind
		sent bool
	}{
		{"stale", func(w *wire) { w.stale = true }, &noBody, true, fault.StaleConn, false},
		{"stale, body to follow", func(w *wire) { w.stale = true }, &length, true, fault.StaleConn, false},
		{"used, ends without an answer", func(w *wire) { w.end = io.EOF }, &noBody, true, fault.StaleConn, true},
		{"used, reset without an answer", func(w *wire) { w.end = syscall.ECONNRESET }, &noBody, true, fault.StaleConn, true},
		{"new, ends without an answer", func(w *wire) { w.end = io.EOF }, &noBody, false, fault.UpstreamReset, true},
		{"new, reset on writing", func(w *wire) { w.failOn, w.fail = 1, syscall.EPIPE }, &noBody, false, fault.UpstreamReset, true},
		{"used, reset on writing", func(w *wire) { w.failOn, w.fail = w.writes+1, syscall.EPIPE }, &length, true, fault.StaleConn, true},
		{"writing stands still", func(w *wire) { w.failOn, w.fail = 1, sock.ErrTimeout }, &length, false, fault.UpstreamTimeout, true},
		{"no answer", func(w *wire) { w.end = sock.ErrTimeout }, &noBody, true, fault.UpstreamTimeout, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := incoming()
			client := http1.NewClient(w, &clientOptions)
			if c.used {
				w.in = pieces("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 100)
				if _, err := exchange(client, "GET"); err != nil || !client.Reusable() || !client.Used() {
					t.Fatal("the first exchange failed", err)
				}
			}
			c.wire(w)
			err := client.Send(getHead(), c.f, nil, c.f == &noBody, nil, time.Second)
			if err == nil {
				var head stream.ResponseHead
				err = client.ReadHead(&head, []byte("GET"), time.Second)
			}
			if kindOf(err) != c.want || client.Sent() != c.sent {
				t.Errorf("%v, sent %v, want %s, %v", err, client.Sent(), c.want, c.sent)
			}
		})
	}
}

// An interruption before anything left lets the request be sent as if nothing
// had been; one while waiting leaves the answer to be read.
func TestInterruptedExchange(t *testing.T) {
	w := incoming("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	c := http1.NewClient(w, &clientOptions)
	c.Interrupt()
	f := http1.RequestFraming{Length: http1.NoBody}
	if err := c.Send(getHead(), &f, nil, true, nil, 0); err != sock.ErrInterrupted || c.Sent() {
		t.Fatalf("%v, sent %v", err, c.Sent())
	}
	if body, err := exchange(c, "GET"); body != "" || err != nil || strings.Count(string(w.out), "GET") != 1 {
		t.Errorf("%q, %v, sent %q", body, err, w.out)
	}
}

// A body that is not as long as said is nobody's fault but ours: no endpoint
// is blamed, and nothing is sent again.
func TestWrongRequestLengths(t *testing.T) {
	for _, end := range []bool{true, false} {
		c := http1.NewClient(incoming(), &clientOptions)
		err := c.Send(getHead(), &http1.RequestFraming{Length: 5}, []byte("abc"), end, nil, 0)
		if err == nil {
			err = c.WriteBody([]byte("def"), true, nil)
		}
		if err == nil || fault.KindOf(err) != fault.Unknown || fault.KindOf(err).Retry() != fault.RetryNever {
			t.Errorf("%v, want a fault that is ours", err)
		}
		var e *fault.Error
		if !errors.As(err, &e) || c.Ended() {
			t.Errorf("%v, ended %v", err, c.Ended())
		}
	}
}
