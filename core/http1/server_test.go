package http1_test

import (
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

// begun is a server that has read a request's head.
func begun(t *testing.T, request string) (*http1.Server, *wire) {
	t.Helper()
	w := incoming(request)
	s := http1.NewServer(w, &serverOptions)
	if err := s.Await(0); err != nil {
		t.Fatal(err)
	}
	var head stream.RequestHead
	if _, err := s.ReadRequest(&head); err != nil {
		t.Fatal(err)
	}
	return s, w
}

const (
	get11  = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	get10  = "GET / HTTP/1.0\r\n\r\n"
	keep10 = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
	head11 = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
)

// fieldsOf makes a list out of name, value, name, value.
func fieldsOf(nv ...string) (h stream.Headers) {
	for i := 0; i < len(nv); i += 2 {
		h.AddString(nv[i], nv[i+1])
	}
	return h
}

func TestResponsesAreFramedAnew(t *testing.T) {
	lying := []string{"content-length", "99", "transfer-encoding", "gzip", "connection", "x", "keep-alive", "5",
		"proxy-connection", "x", "upgrade", "h2c", "te", "x", "x-a", "b"}
	for _, c := range []struct {
		name, request string
		status        int
		fields        []string
		length        int64
		pieces        []string // the first with the head, the last is the end
		want          string
		keep          bool
	}{
		{"known at once", get11, 200, lying, http1.Unknown, []string{"hello"},
			"HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 5\r\n\r\nhello", true},
		{"empty", get11, 200, nil, http1.Unknown, []string{""}, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", true},
		{"known before", get11, 200, lying, 6, []string{"abc", "def"},
			"HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 6\r\n\r\nabcdef", true},
		{"unknown", get11, 200, lying, http1.Unknown, []string{"", "abc", "", "defghijklmnopqrs", ""},
			"HTTP/1.1 200 OK\r\nx-a: b\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n10\r\ndefghijklmnopqrs\r\n0\r\n\r\n", true},
		{"unknown to HTTP/1.0", get10, 200, nil, http1.Unknown, []string{"abc", "def"},
			"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabcdef", false},
		{"unknown to HTTP/1.0 that would stay", keep10, 200, nil, http1.Unknown, []string{"abc", "def"},
			"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabcdef", false},
		{"known to HTTP/1.0 that stays", keep10, 200, nil, 3, []string{"abc"},
			"HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 3\r\n\r\nabc", true},
		{"known to HTTP/1.0", get10, 200, nil, 3, []string{"abc"},
			"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 3\r\n\r\nabc", false},
		{"204", get11, 204, []string{"content-length", "5"}, http1.Unknown, []string{"hello"}, "HTTP/1.1 204 No Content\r\n\r\n", true},
		{"304 keeps its length", get11, 304, []string{"content-length", "5"}, http1.Unknown, []string{"hello"},
			"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n", true},
		{"304 without a length", get11, 304, nil, http1.Unknown, []string{""}, "HTTP/1.1 304 Not Modified\r\n\r\n", true},
		{"HEAD keeps the length", head11, 200, []string{"content-length", "5"}, http1.Unknown, []string{"hel", "lo"},
			"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", true},
		{"HEAD with a length that is none", head11, 200, []string{"content-length", "5, 6"}, http1.Unknown, []string{""},
			"HTTP/1.1 200 OK\r\n\r\n", true},
		{"HEAD without a length", head11, 200, nil, http1.Unknown, []string{""}, "HTTP/1.1 200 OK\r\n\r\n", true},
		{"a status without a phrase", get11, 299, nil, 0, []string{""}, "HTTP/1.1 299 \r\ncontent-length: 0\r\n\r\n", true},
		{"close was asked for", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 200, nil, 0, []string{""},
			"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, w := begun(t, c.request)
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
					t.Fatal(err)
				}
			}
			if got := string(w.out); got != c.want {
				t.Errorf("sent\n%q\nwant\n%q", got, c.want)
			}
			if !s.Ended() {
				t.Error("the response has not ended")
			}
			if got := s.NextRequest(); got != c.keep {
				t.Errorf("the connection is kept: %v, want %v", got, c.keep)
			}
		})
	}
}

func TestResponseTrailers(t *testing.T) {
	trailers := fieldsOf("x-sum", "1", "content-length", "5", "grpc-status", "0")
	for request, want := range map[string]string{
		get11: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-sum: 1\r\ngrpc-status: 0\r\n\r\n",
		get10: "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc",
	} {
		s, w := begun(t, request)
		if err := s.WriteHead(&stream.ResponseHead{Status: 200}, http1.Unknown, []byte("abc"), true, &trailers); err != nil {
			t.Fatal(err)
		}
		if got := string(w.out); got != want {
			t.Errorf("sent\n%q\nwant\n%q", got, want)
		}
	}
}

// A body that differs from its head must not be completed, or run over into
// the next message.
func TestWrongLengthsAreRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		pieces []string
	}{
		{"longer at once", []string{"abcdef", ""}},
		{"longer later", []string{"abc", "def"}},
		{"shorter", []string{"abc", ""}},
	} {
		s, w := begun(t, get11)
		h := &stream.ResponseHead{Status: 200}
		err := s.WriteHead(h, 5, []byte(c.pieces[0]), false, nil)
		if err == nil {
			err = s.WriteBody([]byte(c.pieces[1]), true, nil)
		}
		if err == nil || s.Ended() || s.NextRequest() {
			t.Errorf("%s: %v, ended %v, want a refusal", c.name, err, s.Ended())
		}
		if n := strings.Index(string(w.out), "\r\n\r\n"); n >= 0 && len(w.out)-n-4 > 5 {
			t.Errorf("%s: more was sent than said: %q", c.name, w.out)
		}
	}
}

// Large pieces go out from where they are, in the same form.
func TestLargePieces(t *testing.T) {
	big := strings.Repeat("0123456789abcdef", 4096)
	s, w := begun(t, get11)
	h := &stream.ResponseHead{Status: 200, Headers: fieldsOf("x", strings.Repeat("y", 20<<10))}
	for i, err := range []error{
		s.WriteHead(h, http1.Unknown, []byte(big), false, nil),
		s.WriteBody([]byte(big), false, nil),
		s.WriteBody([]byte(big), true, nil),
	} {
		if err != nil {
			t.Fatalf("piece %d: %v", i, err)
		}
	}
	client := http1.NewClient(&wire{in: pieces(string(w.out), 999)}, &clientOptions)
	var head stream.ResponseHead
	if err := client.ReadHead(&head, []byte("GET"), 0); err != nil {
		t.Fatal(err)
	}
	body := ""
	for end := false; !end; {
		chunk, last, err := client.ReadBody(0)
		if err != nil {
			t.Fatal(err)
		}
		body, end = body+string(chunk), last
	}
	if body != big+big+big {
		t.Errorf("%d bytes came through, want %d of the same", len(body), 3*len(big))
	}
}

func TestInterimResponses(t *testing.T) {
	h := &stream.ResponseHead{Status: 103, Headers: fieldsOf("link", "x", "content-length", "5")}
	for request, want := range map[string]string{get11: "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", keep10: ""} {
		s, w := begun(t, request)
		if err := s.WriteInterim(h); err != nil {
			t.Fatal(err)
		}
		if got := string(w.out); got != want {
			t.Errorf("%q: sent %q, want %q", request, got, want)
		}
		answer(t, s)
	}
}

func TestUpgradeEndsTheProtocol(t *testing.T) {
	s, w := begun(t, "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nearly")
	if !s.Frame().Upgrade {
		t.Fatal("the upgrade was not seen")
	}
	h := &stream.ResponseHead{Status: 101, Headers: fieldsOf("upgrade", "websocket", "sec-websocket-accept", "x")}
	if err := s.WriteUpgrade(h); err != nil {
		t.Fatal(err)
	}
	want := "HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
	if got := string(w.out); got != want {
		t.Errorf("sent %q, want %q", got, want)
	}
	if got := string(s.Tunnel().Surplus()); got != "early" {
		t.Errorf("surplus %q, want what stood behind the head", got)
	}
	if s.NextRequest() {
		t.Error("another request may follow")
	}
}

// A connection is not kept while anything of the exchange is open.
func TestConnectionIsKeptOnlyWhenBothSidesAreDone(t *testing.T) {
	s, _ := begun(t, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel")
	if err := s.WriteHead(&stream.ResponseHead{Status: 200}, 0, nil, true, nil); err != nil {
		t.Fatal(err)
	}
	if s.NextRequest() {
		t.Error("kept with an unread body")
	}
	s, _ = begun(t, get11)
	if s.NextRequest() {
		t.Error("kept without a response")
	}
	if err := s.WriteHead(&stream.ResponseHead{Status: 200}, 5, []byte("hel"), false, nil); err != nil {
		t.Fatal(err)
	}
	if s.NextRequest() {
		t.Error("kept with a response under way")
	}
}
