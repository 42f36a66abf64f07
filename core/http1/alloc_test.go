//go:build !race

package http1_test

import (
	"testing"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/stream"
)

func TestHeadsDoNotAllocate(t *testing.T) {
	var head stream.RequestHead
	var response stream.ResponseHead
	var f http1.Framing
	text, answer, buf := []byte(browserHead), []byte(browserAnswer), make([]byte, 0, 4096)
	for name, do := range map[string]func(){
		"ParseRequest": func() {
			head.Reset()
			if err := http1.ParseRequest(text, &head, &f, &limits); err != nil {
				t.Fatal(err)
			}
		},
		"ParseResponse": func() {
			response.Reset()
			if err := http1.ParseResponse(answer, &response, &f, []byte("GET"), 100); err != nil {
				t.Fatal(err)
			}
		},
		"appendRequest":  func() { http1.AppendRequest(buf, &head, &http1.RequestFraming{Length: http1.NoBody}) },
		"appendResponse": func() { http1.AppendResponse(buf, &response, 5) },
	} {
		do()
		if got := testing.AllocsPerRun(100, do); got != 0 {
			t.Errorf("%s allocates %v times", name, got)
		}
	}
}

// loop is a wire that gives the same bytes again and again.
type loop struct {
	wire
	text []byte
	one  [1][]byte
}

func (l *loop) again() {
	l.one[0] = l.text
	l.in = l.one[:]
	l.out, l.armed = l.out[:0], l.armed[:0]
}

func TestExchangesDoNotAllocate(t *testing.T) {
	up := &loop{text: []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello")}
	chunked := &loop{text: []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")}
	down := &loop{text: []byte(browserHead)}
	server, client := http1.NewServer(down, &serverOptions), http1.NewClient(up, &clientOptions)
	chunks := http1.NewClient(chunked, &clientOptions)
	var request stream.RequestHead
	var response stream.ResponseHead
	do := func(c *http1.Client, w *loop, length int64) {
		request.Reset()
		response.Reset()
		down.again()
		w.again()
		check(t, server.Await(0))
		_, err := server.ReadRequest(&request)
		check(t, err)
		f := http1.RequestFraming{Length: http1.NoBody}
		check(t, c.Send(&request, &f, nil, true, nil, 0))
		check(t, c.ReadHead(&response, request.Method, 0))
		chunk, end, err := c.ReadBody(0)
		check(t, err)
		check(t, server.WriteHead(&response, length, chunk, end, nil))
		if !c.Reusable() || !server.NextRequest() {
			t.Fatal("a connection is not kept")
		}
	}
	for name, run := range map[string]func(){
		"length": func() { do(client, up, 5) },
		"chunks": func() { do(chunks, chunked, http1.Unknown) },
	} {
		run()
		if got := testing.AllocsPerRun(200, run); got != 0 {
			t.Errorf("an exchange with a body by %s allocates %v times", name, got)
		}
	}
}

func check(t *testing.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}
