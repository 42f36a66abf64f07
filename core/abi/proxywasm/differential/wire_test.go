package differential_test

import (
	"fmt"
	"strings"
)

// more stands, as the last of some chunks, for what is still to come.
const more = "\x00more"

func length(body string) string { return fmt.Sprintf("Content-Length: %d", len(body)) }

func chunked(chunks []string, trailers ...string) string {
	var b strings.Builder
	for _, c := range chunks {
		if c == more {
			return b.String()
		}
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(c), c)
	}
	b.WriteString("0\r\n")
	for _, t := range trailers {
		b.WriteString(t + "\r\n")
	}
	return b.String() + "\r\n"
}

// plain is a response without a body.
func plain(status string, fields ...string) string { return answer(status, "", fields...) }

// repeat is n times s.
func repeat(s string, n int) string { return strings.Repeat(s, n) }

// stepwise is a client that sends a request's body in these chunks, each when
// the filter, which traces, has seen those before.
func stepwise(chunks []string, trailers ...string) func(c *client) {
	return func(c *client) {
		c.send(head("POST / HTTP/1.1", []string{"Transfer-Encoding: chunked"}))
		for i, chunk := range chunks {
			c.send(chunked([]string{chunk, more}))
			c.awaitN("request_body(", i+1)
		}
		c.send(chunked(nil, trailers...))
		c.read("POST")
	}
}

// answerStepwise is an origin that does the same for a response.
func answerStepwise(chunks []string, trailers ...string) func(o *origin) {
	return func(o *origin) {
		o.request()
		o.say(head("HTTP/1.1 200 OK", []string{"Transfer-Encoding: chunked"}))
		for i, chunk := range chunks {
			o.say(chunked([]string{chunk, more}))
			o.awaitN("response_body(", i+1)
		}
		o.say(chunked(nil, trailers...))
	}
}
