package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// echo answers with the request's body, and with its trailers if it had any.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	for name, v := range r.Trailer {
		w.Header().Set(http.TrailerPrefix+name, v[0])
	}
	w.Header().Set("X-Framing", fmt.Sprint(r.ContentLength))
	_, _ = w.Write(b)
})

func TestKeepAliveAndPipelining(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path) }))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	var all strings.Builder
	for i := range 50 {
		fmt.Fprintf(&all, "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n", i)
	}
	c.Send(all.String())
	for i := range 50 {
		if r := c.Read("GET"); r.Status != 200 || r.Body != fmt.Sprintf("/%d", i) {
			t.Fatalf("answer %d: %d %q", i, r.Status, r.Body)
		}
	}
	if n := up.Connections(); n != 1 {
		t.Errorf("%d upstream connections for one client that asks in turn, want 1", n)
	}
}

func TestBodies(t *testing.T) {
	up := coretest.Serve(t, echo)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	big := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
	tests := []struct {
		name, head, body, want, framing string
	}{
		{"none", "Content-Length: 0\r\n", "", "", "0"},
		{"length", "Content-Length: 5\r\n", "hello", "hello", "5"},
		{"chunked", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world", "11"},
		{"extensions are dropped", "Transfer-Encoding: chunked\r\n", "5;a=b\r\nhello\r\n0\r\n\r\n", "hello", "5"},
		{"large", fmt.Sprintf("Content-Length: %d\r\n", len(big)), big, big, fmt.Sprint(len(big))},
		{"large and chunked", "Transfer-Encoding: chunked\r\n", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(big), big), big, "-1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := coretest.Dial(t, p.Addr("gateway"))
			go func() { _, _ = io.WriteString(c, "POST / HTTP/1.1\r\nHost: a\r\n"+tt.head+"\r\n"+tt.body) }()
			r := c.Read("POST")
			if r.Status != 200 || r.Body != tt.want {
				t.Fatalf("%d, %d bytes, want %d", r.Status, len(r.Body), len(tt.want))
			}
			if got := r.Header.Get("X-Framing"); got != tt.framing {
				t.Errorf("the upstream saw length %s, want %s", got, tt.framing)
			}
			c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			if r := c.Read("GET"); r.Status != 200 {
				t.Errorf("the connection is out of step: %d", r.Status)
			}
		})
	}
}

func TestTrailers(t *testing.T) {
	up := coretest.Serve(t, echo)
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: x-sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 42\r\n\r\n")
	r := c.Read("POST")
	if r.Body != "hello" || r.Trailer.Get("X-Sum") != "42" {
		t.Errorf("body %q, trailers %v", r.Body, r.Trailer)
	}
}

func TestHead(t *testing.T) {
	up := coretest.Script(t, func(p *coretest.Peer) {
		for p.Head() != "" {
			p.Say("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n")
		}
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	for range 2 {
		c.Send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
		if r := c.Read("HEAD"); r.Status != 200 || r.Header.Get("Content-Length") != "1234" || r.Body != "" {
			t.Fatalf("%+v", r)
		}
	}
}

func TestResponseWithoutBody(t *testing.T) {
	for _, status := range []string{"204 No Content", "304 Not Modified"} {
		up := coretest.Script(t, func(p *coretest.Peer) {
			for p.Head() != "" {
				p.Say("HTTP/1.1 " + status + "\r\nContent-Length: 7\r\nETag: \"a\"\r\n\r\n")
			}
		})
		p := coretest.Proxy(t, coretest.Gateway(up.Addr))
		c := coretest.Dial(t, p.Addr("gateway"))
		for range 2 {
			c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			if r := c.Read("GET"); fmt.Sprint(r.Status) != status[:3] || r.Body != "" {
				t.Fatalf("%s: %+v", status, r)
			}
		}
	}
}

func TestUntilEOF(t *testing.T) {
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Head()
		p.Say("HTTP/1.0 200 OK\r\n\r\nthe rest of it")
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	for range 2 {
		c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		if r := c.Read("GET"); r.Body != "the rest of it" {
			t.Fatalf("%+v", r)
		}
	}
	old := coretest.Dial(t, p.Addr("gateway"))
	old.Send("GET / HTTP/1.0\r\n\r\n")
	if r := old.Read("GET"); r.Body != "the rest of it" || len(r.Header["Transfer-Encoding"]) > 0 {
		t.Errorf("HTTP/1.0 got %+v", r)
	}
	if !old.Closed() {
		t.Error("the connection of HTTP/1.0 stayed")
	}
}

func TestExpectContinueIsPassedOn(t *testing.T) {
	asked := make(chan string, 1)
	up := coretest.Script(t, func(p *coretest.Peer) {
		asked <- p.Head()
		p.Say("HTTP/1.1 100 Continue\r\n\r\n")
		body := p.Body(5)
		p.Say(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
	if head := <-asked; !strings.Contains(strings.ToLower(head), "expect: 100-continue") {
		t.Errorf("the upstream was not asked:\n%s", head)
	}
	if r := c.Read("POST"); r.Status != 100 {
		t.Fatalf("%d before the body, want 100", r.Status)
	}
	c.Send("hello")
	if r := c.Read("POST"); r.Status != 200 || r.Body != "hello" {
		t.Errorf("%+v", r)
	}
}

func TestExpectContinueRefused(t *testing.T) {
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Head()
		p.Say("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
		p.Ended()
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
	if r := c.Read("POST"); r.Status != 403 {
		t.Fatalf("%d, want 403 and no 100", r.Status)
	}
	if !c.Closed() {
		t.Error("the connection stayed: what follows on it could be the body or a request")
	}
}

func TestInterimResponses(t *testing.T) {
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Head()
		p.Say("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		p.Ended()
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	if r := c.Read("GET"); r.Status != 103 || r.Header.Get("Link") == "" {
		t.Fatalf("%+v, want the 103", r)
	}
	if r := c.Read("GET"); r.Status != 200 || r.Body != "ok" {
		t.Errorf("%+v, want the answer: a 100 that nobody waits for is dropped", r)
	}
}

func TestTooManyInterimResponses(t *testing.T) {
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Head()
		for range 1000 {
			p.Say("HTTP/1.1 100 Continue\r\n\r\n")
		}
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	if r := coretest.Get(t, p.Addr("gateway"), "/"); r.Status != 502 {
		t.Errorf("%d, want 502", r.Status)
	}
}

func TestHalfCloseIsAnswered(t *testing.T) {
	release := make(chan bool)
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-release
		fmt.Fprint(w, "answer")
	}))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	c.HalfClose()
	close(release)
	if r := c.Read("GET"); r.Body != "answer" {
		t.Errorf("%+v", r)
	}
}

func TestUpgradeTunnels(t *testing.T) {
	up := coretest.Script(t, func(p *coretest.Peer) {
		head := strings.ToLower(p.Head())
		if !strings.Contains(head, "upgrade: websocket") || !strings.Contains(head, "connection: upgrade") {
			p.Say("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
			return
		}
		p.Say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhi")
		p.Say("got " + p.Body(9))
		p.Ended()
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly")
	if r := c.Read("GET"); r.Status != 101 || r.Header.Get("Upgrade") != "websocket" {
		t.Fatalf("%+v", r)
	}
	c.Send("late")
	got := make([]byte, len("higot earlylate"))
	if _, err := io.ReadFull(c.R, got); err != nil || string(got) != "higot earlylate" {
		t.Errorf("%q %v", got, err)
	}
	c.HalfClose()
	if !c.Closed() {
		t.Error("the tunnel did not end")
	}
}

func TestUnaskedUpgrade(t *testing.T) {
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Head()
		p.Say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
		p.Ended()
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	for _, fields := range [][]string{nil, {"Connection: Upgrade", "Upgrade: h2c"}} {
		if r := coretest.Get(t, p.Addr("gateway"), "/", fields...); r.Status != 502 {
			t.Errorf("%v: %d, want 502", fields, r.Status)
		}
	}
}

func TestEarlyResponse(t *testing.T) {
	up := coretest.Script(t, func(p *coretest.Peer) {
		p.Head()
		p.Say("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nno!")
		p.Ended()
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	c.Send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\nsome of it")
	if r := c.Read("POST"); r.Status != 413 || r.Body != "no!" {
		t.Errorf("%+v", r)
	}
	if !c.Closed() {
		t.Error("the connection stayed with a body unread")
	}
}

// TestBothWaysAtOnce is an upstream that answers while it reads, and a client
// that does not read before it has sent all: neither may wait for the other.
func TestBothWaysAtOnce(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		_, _ = io.Copy(flushing{w}, r.Body)
	}))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	c := coretest.Dial(t, p.Addr("gateway"))
	piece := strings.Repeat("x", 1000)
	const pieces = 500
	c.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
	for range pieces {
		c.Send(fmt.Sprintf("%x\r\n%s\r\n", len(piece), piece))
	}
	c.Send("0\r\n\r\n")
	if r := c.Read("POST"); len(r.Body) != pieces*len(piece) || r.Err != nil {
		t.Errorf("%d bytes, %v", len(r.Body), r.Err)
	}
}

type flushing struct{ http.ResponseWriter }

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.ResponseWriter.Write(p)
	_ = http.NewResponseController(f.ResponseWriter).Flush()
	return n, err
}
