package http1_test

import (
	"errors"
	"fmt"
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

// serve reads one request off w and gives its body and trailers.
func readRequest(s *http1.Server) (body, trailers string, err error) {
	var head stream.RequestHead
	if err := s.Await(0); err != nil {
		return "", "", err
	}
	if _, err := s.ReadRequest(&head); err != nil {
		return "", "", err
	}
	for {
		chunk, end, err := s.ReadBody()
		body += string(chunk)
		if err != nil {
			return body, "", err
		}
		if end {
			if t := s.Trailers(); t != nil {
				trailers = list(t)
			}
			return body, trailers, nil
		}
	}
}

const chunkedHead = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

func TestChunkedBodies(t *testing.T) {
	const bad = fault.BadRequest
	for _, c := range []struct {
		name, body     string
		want, trailers string
		kind           fault.Kind
	}{
		{"empty", "0\r\n\r\n", "", "", accepted},
		{"one", "5\r\nhello\r\n0\r\n\r\n", "hello", "", accepted},
		{"many", "1\r\na\r\n2\r\nbc\r\n00a\r\n0123456789\r\n000\r\n\r\n", "abc0123456789", "", accepted},
		{"digits in both cases", "aA\r\n" + strings.Repeat("x", 0xaa) + "\r\n0\r\n\r\n", strings.Repeat("x", 0xaa), "", accepted},
		{"extensions", "5;a=b; c=\"d\"\r\nhello\r\n0;x\r\n\r\n", "hello", "", accepted},
		{"trailers", "1\r\na\r\n0\r\nX-Sum:  1 \r\nx-b:\r\n\r\n", "a", "x-sum: 1\nx-b: \n", accepted},

		{"sign", "+5\r\nhello\r\n0\r\n\r\n", "", "", bad},
		{"underscore", "1_0\r\n", "", "", bad},
		{"0x", "0x5\r\nhello\r\n0\r\n\r\n", "", "", bad},
		{"blank before the size", " 5\r\nhello\r\n0\r\n\r\n", "", "", bad},
		{"blank behind the size", "5 \r\nhello\r\n0\r\n\r\n", "", "", bad},
		{"no size", "\r\nhello\r\n0\r\n\r\n", "", "", bad},
		{"no size but an extension", ";a\r\nhello", "", "", bad},
		{"size past 60 bits", "1000000000000000\r\n", "", "", bad},
		{"endless zeros", strings.Repeat("0", 100) + "\r\n\r\n", "", "", bad},
		{"size ended by LF", "5\nhello\r\n0\r\n\r\n", "", "", bad},
		{"size ended by CR alone", "5\rhello\r\n", "", "", bad},
		{"LF in an extension", "5;a\nhello\r\n0\r\n\r\n", "", "", bad},
		{"control in an extension", "5;a\x00\r\nhello\r\n0\r\n\r\n", "", "", bad},
		{"extensions without end", "5;" + strings.Repeat("a", 8<<10), "", "", bad},
		{"data longer than said", "4\r\nhello\r\n0\r\n\r\n", "", "", bad},
		{"data ended by LF", "5\r\nhello\n0\r\n\r\n", "", "", bad},
		{"trailer that frames", "0\r\nContent-Length: 5\r\n\r\n", "", "", bad},
		{"trailer that authenticates", "0\r\nAuthorization: x\r\n\r\n", "", "", bad},
		{"trailer that routes", "0\r\nHost: x\r\n\r\n", "", "", bad},
		{"trailer that says who asks", "0\r\nX-Forwarded-For: x\r\n\r\n", "", "", bad},
		{"trailer with a bare LF", "0\r\nx: y\n\r\n", "", "", bad},
		{"trailer without a colon", "0\r\nx\r\n\r\n", "", "", bad},
		{"folded trailer", "0\r\nx: y\r\n z\r\n\r\n", "", "", bad},
		{"too many trailers", "0\r\n" + strings.Repeat("x: y\r\n", limits.Count+1) + "\r\n", "", "", fault.HeadTooLarge},
		{"trailers too large", "0\r\nx: " + strings.Repeat("y", limits.Bytes), "", "", fault.HeadTooLarge},

		{"cut before a size", "5\r\nhello\r\n", "", "", fault.Truncated},
		{"cut in data", "5\r\nhel", "", "", fault.Truncated},
		{"cut before the last line", "5\r\nhello\r\n0\r\n", "", "", fault.Truncated},
		{"cut in trailers", "0\r\nx: y\r\n", "", "", fault.Truncated},
	} {
		t.Run(c.name, func(t *testing.T) {
			whole := chunkedHead + c.body
			check := func(w *wire, how string) {
				body, trailers, err := readRequest(http1.NewServer(w, &serverOptions))
				if got := kindOf(err); got != c.kind {
					t.Fatalf("%s: %s (%v), want %s", how, show(got), err, show(c.kind))
				}
				if err == nil && (body != c.want || trailers != c.trailers) {
					t.Fatalf("%s: body %q, trailers %q, want %q, %q", how, body, trailers, c.want, c.trailers)
				}
			}
			check(incoming(whole), "whole")
			check(&wire{in: pieces(whole, 1), end: io.EOF}, "byte by byte")
			for cut := 1; cut < min(len(whole), 400); cut++ {
				check(incoming(whole[:cut], whole[cut:]), fmt.Sprintf("cut at %d", cut))
			}
		})
	}
}

func TestBodiesOfKnownLength(t *testing.T) {
	for _, c := range []struct {
		text, want string
		kind       fault.Kind
	}{
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "hello", accepted},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "", accepted},
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "", accepted},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nhello", "hello", fault.Truncated},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", "", fault.Truncated},
	} {
		for cut := 1; cut < len(c.text); cut++ {
			body, _, err := readRequest(http1.NewServer(incoming(c.text[:cut], c.text[cut:]), &serverOptions))
			if got := kindOf(err); got != c.kind || body != c.want {
				t.Errorf("%q cut at %d: %q, %s, want %q, %s", c.text, cut, body, show(got), c.want, show(c.kind))
			}
		}
	}
}

// Requests that stand one behind the other are told apart however their bytes
// come in.
func TestPipelinedRequests(t *testing.T) {
	text := "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" +
		"POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\n" +
		"\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n"
	for n := 1; n <= len(text); n++ {
		s := http1.NewServer(&wire{in: pieces(text, n), end: io.EOF}, &serverOptions)
		for i, want := range []string{"abc", "def", ""} {
			body, _, err := readRequest(s)
			if err != nil || body != want {
				t.Fatalf("pieces of %d, request %d: %q, %v, want %q", n, i+1, body, err, want)
			}
			answer(t, s)
		}
		if err := s.Await(0); err != io.EOF {
			t.Fatalf("pieces of %d: %v behind the last request, want EOF", n, err)
		}
		s.Release()
	}
}

func answer(t *testing.T, s *http1.Server) {
	t.Helper()
	if err := s.WriteHead(&stream.ResponseHead{Status: 200}, 0, nil, true, nil); err != nil {
		t.Fatal(err)
	}
	if !s.NextRequest() {
		t.Fatal("the connection is not kept")
	}
}

// What breaks on the way to a request is the client's doing, and told apart.
func TestWhatEndsAConnectionWhileReading(t *testing.T) {
	reset := error(syscall.ECONNRESET)
	for _, c := range []struct {
		name, text string
		end        error
		want       fault.Kind
	}{
		{"cut in a head", "GET / HT", io.EOF, fault.Truncated},
		{"reset in a head", "GET / HT", reset, fault.ClientGone},
		{"silence in a head", "GET / HT", sock.ErrTimeout, fault.HeadTimeout},
		{"cut in a body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", io.EOF, fault.Truncated},
		{"reset in a body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", reset, fault.ClientGone},
		{"silence in a body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", sock.ErrTimeout, fault.BodyTimeout},
	} {
		w := incoming(c.text)
		w.end = c.end
		if _, _, err := readRequest(http1.NewServer(w, &serverOptions)); kindOf(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	w := incoming()
	w.end = sock.ErrTimeout
	if err := http1.NewServer(w, &serverOptions).Await(time.Second); !errors.Is(err, sock.ErrTimeout) {
		t.Errorf("silence between requests: %v, want ErrTimeout", err)
	}
}

// An interruption that was meant for the request before must not spoil the
// next one, and one during a body is the reader's to see.
func TestInterruptions(t *testing.T) {
	w := incoming("POST / HTTP/1.1\r\nHo", "st: a\r\nContent-Length: 2\r\n\r\na", "b")
	s := http1.NewServer(w, &serverOptions)
	if err := s.Await(0); err != nil {
		t.Fatal(err)
	}
	s.Interrupt()
	var head stream.RequestHead
	if _, err := s.ReadRequest(&head); err != nil {
		t.Fatalf("reading a head after an interruption: %v", err)
	}
	if chunk, _, err := s.ReadBody(); string(chunk) != "a" || err != nil {
		t.Fatalf("%q, %v", chunk, err)
	}
	s.Interrupt()
	if _, _, err := s.ReadBody(); err != sock.ErrInterrupted {
		t.Fatalf("%v, want ErrInterrupted", err)
	}
	if chunk, end, err := s.ReadBody(); string(chunk) != "b" || !end || err != nil {
		t.Errorf("after the interruption: %q, %v, %v", chunk, end, err)
	}
}

func TestDrain(t *testing.T) {
	for _, c := range []struct {
		name, text string
		limit      int64
		want       bool
	}{
		{"within the limit", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 5, true},
		{"above the limit", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 4, false},
		{"chunked, within", chunkedHead + "5\r\nhello\r\n0\r\n\r\n", 5, true},
		{"chunked, above", chunkedHead + "5\r\nhello\r\n5\r\nhello\r\n0\r\n\r\n", 9, false},
		{"cut", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel", 5, false},
	} {
		s := http1.NewServer(&wire{in: pieces(c.text, 1), end: io.EOF}, &serverOptions)
		var head stream.RequestHead
		if err := s.Await(0); err != nil {
			t.Fatal(err)
		}
		if _, err := s.ReadRequest(&head); err != nil {
			t.Fatal(err)
		}
		s.Interrupt() // was meant for a reader before
		if got := s.Drain(c.limit, time.Second); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
