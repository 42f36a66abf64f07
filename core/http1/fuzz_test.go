package http1_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// seeds are requests with something to them, for all fuzz targets.
var seeds = []string{
	get11, get10, keep10, head11,
	"\r\nGET /a?b=c HTTP/1.1\r\nHost: a:80\r\nAccept: */*\r\nCookie: a=b\r\nCookie: c\r\n\r\n",
	"GET http://A.b/x HTTP/1.1\r\nHost: a.b\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET http://a?x HTTP/1.1\r\nHost: a\r\n\r\n",
	"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: te, x\r\nX: y\r\nTE: trailers\r\n\r\n5;x\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
	"POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nab\r\nGET / HTTP/1.0\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nExpect: 100-continue\r\n\r\n",
	"GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n x: y\r\n\r\n",
	"GET /\xff HTTP/1.1\r\nHost: a\r\nX: \xff\t\r\n\r\n",
}

// message is what was read of a request or response.
type message struct {
	line, fields, body, trailers string
}

// next reads the next request off s.
func next(s *http1.Server) (m message, head stream.RequestHead, err error) {
	if err := s.Await(0); err != nil {
		return m, head, err
	}
	if _, err := s.ReadRequest(&head); err != nil {
		return m, head, err
	}
	m.line = fmt.Sprintf("%s %s %s %s", head.Method, head.Authority, head.Path, head.Version)
	m.fields = list(&head.Headers)
	for end := false; !end; {
		var chunk []byte
		if chunk, end, err = s.ReadBody(); err != nil {
			return m, head, err
		}
		m.body += string(chunk)
	}
	if t := s.Trailers(); t != nil {
		m.trailers = list(t)
	}
	return m, head, nil
}

// theirs is what net/http makes of the same bytes. It wants none of the empty
// line that RFC 9112 forgives.
func theirs(r *bufio.Reader) (*http.Request, string, error) {
	if b, _ := r.Peek(2); string(b) == "\r\n" {
		_, _ = r.Discard(2)
	}
	req, err := http.ReadRequest(r)
	if err != nil {
		return nil, "", err
	}
	body, err := io.ReadAll(req.Body)
	return req, string(body), err
}

// agree fails the test if net/http reads another message than we did. It
// answers false where only net/http looks into a thing: what a target or a
// Trailer field means is for others to say.
func agree(t *testing.T, m message, head *stream.RequestHead, f http1.Framing, r *bufio.Reader) bool {
	t.Helper()
	req, body, err := theirs(r)
	if err != nil {
		if _, bad := url.ParseRequestURI(string(head.Path)); bad != nil && string(head.Path) != "*" ||
			head.Headers.Has("trailer") || strings.ContainsAny(string(head.Authority), "%[]:") {
			return false
		}
		t.Fatalf("net/http refuses what we accept: %v", err)
	}
	length := f.Length
	if length < 0 && !f.Chunked {
		length = 0
	}
	switch {
	case req.Method != string(head.Method):
		t.Fatalf("method %q, net/http %q", head.Method, req.Method)
	case !strings.HasSuffix(req.RequestURI, strings.TrimPrefix(string(head.Path), "/")):
		t.Fatalf("target %q, net/http %q", head.Path, req.RequestURI)
	case strings.HasPrefix(req.RequestURI, "/") && req.RequestURI != string(head.Path):
		t.Fatalf("target %q, net/http %q", head.Path, req.RequestURI)
	case req.Host != string(head.Authority):
		t.Fatalf("authority %q, net/http %q", head.Authority, req.Host)
	case req.ContentLength != length:
		t.Fatalf("length %d, net/http %d", length, req.ContentLength)
	case f.Close != req.Close && head.Version == stream.HTTP11:
		t.Fatalf("close %v, net/http %v", f.Close, req.Close)
	case body != m.body:
		t.Fatalf("body %q, net/http %q", m.body, body)
	}
	return true
}

func FuzzParseRequest(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s := http1.NewServer(&wire{in: [][]byte{bytes.Clone(data)}, end: io.EOF}, &serverOptions)
		m, head, err := next(s)
		if err != nil {
			return
		}
		for _, h := range head.Headers.Fields() {
			if !stream.ValidName(h.Name) || !bytes.Equal(h.Name, bytes.ToLower(h.Name)) || !stream.ValidValue(h.Value) {
				t.Fatalf("field %q: %q", h.Name, h.Value)
			}
		}
		agree(t, m, &head, s.Framing, bufio.NewReader(bytes.NewReader(data)))
		if len(head.Authority) > 0 { // HTTP/1.0 may do without
			rewritten(t, m, &head, s)
		}
	})
}

// rewritten fails the test if what we would send upstream reads differently.
func rewritten(t *testing.T, m message, head *stream.RequestHead, s *http1.Server) {
	t.Helper()
	w := incoming("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	f := http1.RequestFraming{Length: int64(len(m.body)), Expect: s.Framing.Expect, Upgrade: s.Framing.Upgrade}
	trailers := s.Trailers()
	switch {
	case s.Framing.Chunked:
		f.Length = http1.Unknown
	case s.Framing.Length < 0:
		f.Length = http1.NoBody
	}
	if err := http1.NewClient(w, &clientOptions).Send(head, &f, []byte(m.body), true, trailers, 0); err != nil {
		t.Fatal(err)
	}
	out := string(w.out)
	roomy := serverOptions
	roomy.Limits.Bytes, roomy.Limits.Line, roomy.Limits.Count = 1<<20, 1<<20, 1<<20
	got, head2, err := next(http1.NewServer(incoming(out), &roomy))
	if err != nil {
		t.Fatalf("what we write is refused: %v\n%q", err, out)
	}
	want := fmt.Sprintf("%s %s %s %s", head.Method, head.Authority, head.Path, stream.HTTP11)
	unframe := func(h *stream.Headers) string {
		h.DelFunc(func(f *stream.Field) bool {
			switch string(f.Name) {
			case "content-length", "transfer-encoding", "te", "upgrade":
				return true
			}
			return false
		})
		return list(h)
	}
	if got.line != want || got.body != m.body || got.trailers != m.trailers || unframe(&head2.Headers) != unframe(&head.Headers) {
		t.Fatalf("what we write reads as\n%+v\nand was\n%+v", got, m)
	}
}

func FuzzParseResponse(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\nSet-Cookie: a\r\nset-cookie: b\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
		"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nhello",
		"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
		"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
		"HTTP/1.1 200 OK\nX: y\n\n", "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, headOnly bool) {
		method := "GET"
		if headOnly {
			method = "HEAD"
		}
		c := http1.NewClient(&wire{in: [][]byte{bytes.Clone(data)}, end: io.EOF}, &clientOptions)
		var head stream.ResponseHead
		if err := c.ReadHead(&head, []byte(method), 0); err != nil {
			return
		}
		fields, framing, ours := list(&head.Headers), c.Framing, ""
		for end := false; !end; {
			chunk, last, err := c.ReadBody(0)
			if err != nil {
				return
			}
			ours, end = ours+string(chunk), last
		}
		resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(data)), &http.Request{Method: method})
		if err != nil {
			if head.Headers.Has("trailer") {
				return
			}
			t.Fatalf("net/http refuses what we accept: %v", err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != ours || resp.StatusCode != head.Status {
			t.Fatalf("%d %q, net/http %d %q (%v)", head.Status, ours, resp.StatusCode, body, err)
		}
		w := incoming(string(headOf(method)))
		s := http1.NewServer(w, &serverOptions)
		if _, _, err := next(s); err != nil {
			t.Fatal(err)
		}
		length := http1.Unknown
		if framing.Length >= 0 && !headOnly {
			length = framing.Length
		}
		if head.Status < 200 {
			err = s.WriteInterim(&head)
		} else {
			err = s.WriteHead(&head, length, []byte(ours), true, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		reread(t, w.out, method, &head, ours)
		if got := list(&head.Headers); got != fields {
			t.Fatalf("writing changed the fields to\n%s", got)
		}
	})
}

func headOf(method string) []byte { return []byte(method + " / HTTP/1.1\r\nHost: a\r\n\r\n") }

// reread fails the test if a response that we wrote reads differently.
func reread(t *testing.T, out []byte, method string, head *stream.ResponseHead, body string) {
	t.Helper()
	roomy := clientOptions
	roomy.Head, roomy.HeadCount = 1<<20, 1<<20
	c := http1.NewClient(&wire{in: [][]byte{out}, end: io.EOF}, &roomy)
	var again stream.ResponseHead
	if err := c.ReadHead(&again, []byte(method), 0); err != nil {
		t.Fatalf("what we write is refused: %v\n%q", err, out)
	}
	got := ""
	for end := false; !end; {
		chunk, last, err := c.ReadBody(0)
		if err != nil {
			t.Fatalf("what we write is refused: %v\n%q", err, out)
		}
		got, end = got+string(chunk), last
	}
	if again.Status != head.Status || got != body || c.Buffered() {
		t.Fatalf("what we write reads as %d %q, surplus %v, and was %d %q", again.Status, got, c.Buffered(), head.Status, body)
	}
}

// split cuts data at places that cuts chooses.
func split(data, cuts []byte) [][]byte {
	var p [][]byte
	data = bytes.Clone(data)
	for _, c := range cuts {
		n := int(c)%17 + 1
		if n >= len(data) {
			break
		}
		p, data = append(p, data[:n:n]), data[n:]
	}
	return append(p, data)
}

func FuzzChunked(f *testing.F) {
	for _, s := range []string{
		"0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "1\r\na\r\n00b;x=y\r\n0123456789a\r\n0\r\nX: y\r\nz:\r\n\r\n",
		"5\nhello\r\n0\r\n\r\n", "ffffffffffffffff\r\n", "5 \r\nhello\r\n0\r\n\r\n", "0\r\nHost: a\r\n\r\n",
	} {
		f.Add([]byte(s), []byte{1, 2, 3, 16, 0, 0})
	}
	f.Fuzz(func(t *testing.T, body, cuts []byte) {
		data := append([]byte(chunkedHead), body...)
		read := func(p [][]byte) (message, http1.Framing, stream.RequestHead, error) {
			s := http1.NewServer(&wire{in: p, end: io.EOF}, &serverOptions)
			m, head, err := next(s)
			return m, s.Framing, head, err
		}
		m, framing, head, err := read([][]byte{bytes.Clone(data)})
		apart, _, _, errApart := read(split(data, cuts))
		if kindOf(err) != kindOf(errApart) || err == nil && m != apart {
			t.Fatalf("whole %+v (%v), in pieces %+v (%v)", m, err, apart, errApart)
		}
		if err == nil {
			agree(t, m, &head, framing, bufio.NewReader(bytes.NewReader(data)))
		}
	})
}

// FuzzFraming reads whatever stands on a connection, message after message:
// where one ends must not depend on how the bytes come in, and net/http must
// see the same messages for as long as we go along.
func FuzzFraming(f *testing.F) {
	for i, s := range seeds {
		f.Add([]byte(s+seeds[(i+3)%len(seeds)]+get11), []byte{3, 1, 4, 1, 5, 9, 2, 6})
	}
	f.Fuzz(func(t *testing.T, data, cuts []byte) {
		ours := func(p [][]byte, check func(m message, head *stream.RequestHead, f http1.Framing)) string {
			s := http1.NewServer(&wire{in: p, end: io.EOF}, &serverOptions)
			defer s.Release()
			seen := ""
			for {
				m, head, err := next(s)
				if err != nil {
					return seen + fmt.Sprint(show(kindOf(err)))
				}
				seen += fmt.Sprintf("%+v\n", m)
				if check != nil {
					check(m, &head, s.Framing)
				}
				if err := s.WriteHead(&stream.ResponseHead{Status: 200}, 0, nil, true, nil); err != nil {
					t.Fatal(err)
				}
				if !s.NextRequest() {
					return seen
				}
			}
		}
		r, going := bufio.NewReader(bytes.NewReader(data)), true
		whole := ours([][]byte{bytes.Clone(data)}, func(m message, head *stream.RequestHead, f http1.Framing) {
			going = going && agree(t, m, head, f, r)
		})
		if apart := ours(split(data, cuts), nil); apart != whole {
			t.Fatalf("whole\n%s\nin pieces\n%s", whole, apart)
		}
	})
}
