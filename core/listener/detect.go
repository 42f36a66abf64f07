package listener

import (
	"bytes"
	"time"

	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/tcp/hello"
)

// protocol is what a connection speaks, by its first bytes.
type protocol uint8

const (
	undecided protocol = iota
	protocolHTTP1
	protocolHTTP2
	protocolTLS
	protocolOther
)

// preface begins a connection of HTTP/2 (RFC 9113, section 3.4).
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// mostMethod is how long a method may be, in bytes, for a request to be seen as one.
const mostMethod = 32

// protocolOf is what b begins; undecided while it may become one of several.
func protocolOf(b []byte) protocol {
	switch {
	case len(b) == 0:
		return undecided
	case hello.Like(b):
		if len(b) < 3 {
			return undecided
		}
		return protocolTLS
	case bytes.HasPrefix([]byte(preface), b[:min(len(b), len(preface))]):
		if len(b) < len(preface) {
			return undecided
		}
		return protocolHTTP2
	}
	return requestOf(b)
}

// requestOf says whether b begins a request of HTTP/1: a method in capitals, a
// blank, and what a target begins with. Other protocols have words in capitals too.
func requestOf(b []byte) protocol {
	method := 0
	for method < len(b) && ('A' <= b[method] && b[method] <= 'Z' || b[method] == '-' || b[method] == '_') {
		method++
	}
	switch {
	case method > mostMethod:
		return protocolOther
	case method == len(b):
		return undecided
	case method == 0 || b[method] != ' ':
		return protocolOther
	}
	target := b[method+1:]
	const absolute = "http"
	switch {
	case string(b[:method]) == "CONNECT":
		return protocolHTTP1
	case len(target) == 0:
		return undecided
	case target[0] == '/' || target[0] == '*':
		return protocolHTTP1
	case !bytes.HasPrefix([]byte(absolute), target[:min(len(target), len(absolute))]):
		return protocolOther
	case len(target) < len(absolute):
		return undecided
	}
	return protocolHTTP1
}

// preview is a connection whose first bytes can be seen before anybody takes them: in
// clear, or within TLS.
type preview interface {
	Preview(p []byte, have int) (int, error)
	ArmRead(d time.Duration)
}

// patience is how long a client may be silent before it is taken for one that waits
// for its server's first words. Where only HTTP is spoken nobody does: a client has
// opened its connection ahead of time, and may yet begin with TLS.
func (c *connection) patience(s *Settings) time.Duration {
	if s.TCP || c.unknownTo != "" && c.hint != HintHTTP {
		return s.Detect
	}
	return s.KeepAlive
}

// detect finds out what c speaks, within time. A client that is silent waits for
// its server's first words: it speaks something else than we know. One that has
// begun what may be HTTP or TLS has the time of a request's head to go on, and never
// becomes another: it would get past the filters by being slow.
func detect(c preview, s *Settings, patience time.Duration, stopping func() bool) protocol {
	var b [len(preface)]byte
	c.ArmRead(patience)
	defer c.ArmRead(0)
	for n := 0; ; {
		got, err := c.Preview(b[:], n)
		switch {
		case err == sock.ErrInterrupted && !stopping():
			continue
		case err == sock.ErrTimeout && n == 0:
			return protocolOther
		case err != nil:
			return undecided
		}
		if n == 0 {
			c.ArmRead(s.HTTP.Head)
		}
		if n = got; protocolOf(b[:n]) != undecided {
			return protocolOf(b[:n])
		}
	}
}
