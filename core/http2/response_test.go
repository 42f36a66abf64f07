package http2_test

import (
	"strings"
	"testing"

	xhttp2 "golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/stream"
)

// fieldsOf makes a list out of name, value, name, value.
func fieldsOf(nv ...string) (h stream.Headers) {
	for i := 0; i < len(nv); i += 2 {
		h.AddString(nv[i], nv[i+1])
	}
	return h
}

// reading is a handler that reads the head and then does the rest.
func reading(do func(s *http2.ServerStream)) func(*http2.ServerStream) {
	return func(s *http2.ServerStream) {
		var head stream.RequestHead
		if _, err := s.ReadRequest(&head); err == nil {
			do(s)
		}
	}
}

func TestResponsesAreFramedAnew(t *testing.T) {
	lying := []string{"content-length", "99", "transfer-encoding", "gzip", "connection", "x", "keep-alive", "5",
		"proxy-connection", "x", "upgrade", "h2c", "te", "x", "x-a", "b"}
	head := func(more ...string) []string {
		return append([]string{":method", "HEAD", ":scheme", "http", ":authority", "a", ":path", "/"}, more...)
	}
	long := strings.Repeat("x", 100<<10)
	for _, c := range []struct {
		name    string
		request []string
		status  int
		fields  []string
		length  int64
		pieces  []string // the first with the head, the last is the end
		want    string
		body    string
	}{
		{"known at once", get(), 200, lying, http1.Unknown, []string{"hello"}, ":status: 200\nx-a: b\ncontent-length: 5", "hello"},
		{"empty", get(), 200, nil, http1.Unknown, []string{""}, ":status: 200\ncontent-length: 0", ""},
		{"known before", get(), 200, lying, 6, []string{"abc", "def"}, ":status: 200\nx-a: b\ncontent-length: 6", "abcdef"},
		{"unknown", get(), 200, lying, http1.Unknown, []string{"", "abc", "", "def", ""}, ":status: 200\nx-a: b", "abcdef"},
		{"larger than windows and frames", get(), 200, nil, http1.Unknown, []string{long, long}, ":status: 200", long + long},
		{"204", get(), 204, []string{"content-length", "5"}, http1.Unknown, []string{"hello"}, ":status: 204", ""},
		{"304 keeps its length", get(), 304, []string{"content-length", "5"}, http1.Unknown, []string{"hello"}, ":status: 304\ncontent-length: 5", ""},
		{"304 without a length", get(), 304, nil, http1.Unknown, []string{""}, ":status: 304", ""},
		{"HEAD keeps the length", head(), 200, []string{"content-length", "5"}, http1.Unknown, []string{"hel", "lo"}, ":status: 200\ncontent-length: 5", ""},
		{"HEAD with a length that is none", head(), 200, []string{"content-length", "5, 6"}, http1.Unknown, []string{""}, ":status: 200", ""},
		{"unusual status", get(), 299, nil, 0, []string{""}, ":status: 299\ncontent-length: 0", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := serve(t, options(), reading(func(s *http2.ServerStream) {
				h := &stream.ResponseHead{Status: c.status, Headers: fieldsOf(c.fields...)}
				for i, p := range c.pieces {
					end := i == len(c.pieces)-1
					var err error
					if i == 0 {
						err = s.WriteHead(h, c.length, []byte(p), end, nil)
					} else {
						err = s.WriteBody([]byte(p), end, nil)
					}
					if err != nil {
						t.Error(err)
					}
				}
				if !s.Ended() {
					t.Error("the response has not ended")
				}
			}))
			client := dial(t, r.addr)
			for id := uint32(1); id < 6; id += 2 { // the encoder's state must stand it
				client.headers(id, true, c.request)
				if got := client.until(id); got.fields != c.want || got.body != c.body || got.reset != "" {
					t.Fatalf("stream %d: %.300s\nwant %s", id, got, c.want)
				}
			}
		})
	}
}

func TestInterimAndTrailers(t *testing.T) {
	trailers := fieldsOf("x-sum", "1", "content-length", "5", "grpc-status", "0")
	r := serve(t, options(), reading(func(s *http2.ServerStream) {
		_ = s.WriteInterim(&stream.ResponseHead{Status: 103, Headers: fieldsOf("link", "x")})
		_ = s.WriteHead(&stream.ResponseHead{Status: 200}, http1.Unknown, []byte("abc"), true, &trailers)
	}))
	c := dial(t, r.addr)
	c.headers(1, true, get())
	want := reply{fields: ":status: 103\nlink: x:status: 200", body: "abc", trailers: "x-sum: 1\ngrpc-status: 0"}
	if got := c.until(1); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestWrongLengths(t *testing.T) {
	for name, write := range map[string]func(s *http2.ServerStream) error{
		"too much": func(s *http2.ServerStream) error {
			return s.WriteHead(&stream.ResponseHead{Status: 200}, 3, []byte("abcd"), false, nil)
		},
		"too little": func(s *http2.ServerStream) error {
			_ = s.WriteHead(&stream.ResponseHead{Status: 200}, 3, []byte("ab"), false, nil)
			return s.WriteBody(nil, true, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := serve(t, options(), reading(func(s *http2.ServerStream) {
				if err := write(s); err != http1.ErrWrongLength {
					t.Errorf("%v, want ErrWrongLength", err)
				}
				s.Abort()
			}))
			c := dial(t, r.addr)
			c.headers(1, true, get())
			if got := c.until(1); got.reset != "INTERNAL_ERROR" {
				t.Errorf("the client may take it for whole: %s", got)
			}
		})
	}
}

func TestUnfinishedAnswersAreReset(t *testing.T) {
	r := serve(t, options(), reading(func(s *http2.ServerStream) {
		_ = s.WriteHead(&stream.ResponseHead{Status: 200}, http1.Unknown, []byte("abc"), false, nil)
	}))
	c := dial(t, r.addr)
	c.headers(1, true, get())
	if got := c.until(1); got.reset != "INTERNAL_ERROR" {
		t.Errorf("the client may take it for whole: %s", got)
	}
}

func TestRequestsOfWrongLengths(t *testing.T) {
	for name, pieces := range map[string][]string{"too much": {"abc", "def"}, "too little": {"a", "b"}} {
		t.Run(name, func(t *testing.T) {
			r := serve(t, options(), echo)
			c := dial(t, r.addr)
			c.headers(1, false, post("content-length", "5"))
			c.data(1, false, pieces[0])
			c.data(1, true, pieces[1])
			// The body may be here before the head was looked at.
			if got := c.until(1); got.reset != "PROTOCOL_ERROR" && !strings.Contains(got.fields, ":status: 400") {
				t.Errorf("%s, want it refused", got)
			}
			c.headers(3, true, get())
			if got := c.until(3); got.body != "hello" {
				t.Errorf("the connection is out of step: %s", got)
			}
		})
	}
}

// TestMalformedRequestsAreAnswered: the client learns why, and then that the
// stream was refused.
func TestMalformedRequestsAreAnswered(t *testing.T) {
	r := serve(t, options(), echo)
	c := dial(t, r.addr)
	c.headers(1, true, get("connection", "close"))
	if got := c.until(1); got.fields != ":status: 400\ncontent-length: 0" {
		t.Errorf("answered %s", got)
	}
	for {
		if f, ok := c.next().(*xhttp2.RSTStreamFrame); ok {
			if f.StreamID != 1 || f.ErrCode != xhttp2.ErrCodeProtocol {
				t.Errorf("stream %d reset with %v", f.StreamID, f.ErrCode)
			}
			return
		}
	}
}

func TestRequestTrailers(t *testing.T) {
	for _, tt := range []struct {
		name     string
		trailers []string
		want     string
		reset    string
	}{
		{"passed on", []string{"x-sum", "1"}, "x-sum: 1", ""},
		{"one that frames", []string{"content-length", "3"}, "", "PROTOCOL_ERROR"},
		{"one that routes", []string{"host", "b"}, "", "PROTOCOL_ERROR"},
		{"upper case", []string{"X-Sum", "1"}, "", "PROTOCOL_ERROR"},
		{"line end", []string{"x-sum", "1\r\nx: y"}, "", "PROTOCOL_ERROR"},
		{"pseudo-header", []string{":path", "/"}, "", "PROTOCOL_ERROR"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := serve(t, options(), echo)
			c := dial(t, r.addr)
			c.headers(1, false, post())
			c.data(1, false, "abc")
			c.headers(1, true, tt.trailers)
			if got := c.until(1); got.trailers != tt.want || got.reset != tt.reset {
				t.Errorf("%s\nwant trailers %q, reset %q", got, tt.want, tt.reset)
			}
		})
	}
}
