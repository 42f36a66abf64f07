package wire

import (
	"bytes"
	"errors"
	"fmt"
	"net"

	"github.com/weirproxy/weir/bench/internal/frame"
	"github.com/weirproxy/weir/bench/internal/reply"
)

// ServeOrigin is the server behind the proxies: it answers 1 KiB until l is
// closed, or the request's head at paths that end on [reply.HeadersPath].
func ServeOrigin(l net.Listener) error {
	for {
		c, err := l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case err != nil:
			return fmt.Errorf("serving the origin: %w", err)
		}
		go func() {
			defer func() { _ = c.Close() }()
			answerAll(c)
		}()
	}
}

// answered is the answer to most requests.
var answered = answerOf(reply.Body)

func answerOf(body []byte) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n\r\n%s", len(body), body)
}

// answerAll answers one request behind another. What is no request ends it.
func answerAll(c net.Conn) {
	in := frame.NewReader(c)
	for {
		line, err := in.Line()
		if err != nil {
			return
		}
		parts := bytes.Split(line, []byte(" "))
		if len(parts) != 3 {
			return
		}
		var head []byte
		var keep func([]byte)
		if path, _, _ := bytes.Cut(parts[1], []byte("?")); bytes.HasSuffix(path, []byte(reply.HeadersPath)) {
			keep = func(line []byte) { head = append(append(head, line...), "\r\n"...) }
			keep(line)
		}
		body, err := in.Fields(keep)
		if err != nil || in.Skip(body) != nil {
			return
		}
		answer := answered
		if keep != nil {
			answer = answerOf(head)
		}
		if _, err := c.Write(answer); err != nil || body.Close {
			return
		}
	}
}
