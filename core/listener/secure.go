package listener

import (
	"strconv"

	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/identity"
)

// secure does the TLS handshake, where the listener has TLS. protocol is what
// the client chose of those offered; one that may be in clear chooses that by its
// first bytes. ok is false for a client that is not
// served; it was told, and counted.
func (l *Listener) secure(c *connection, s *Settings) (t http1.Transport, protocol string, ok bool) {
	if s.TLS == nil {
		return c.sock, "", true
	}
	if s.Permissive {
		switch detect(c.sock, s, c.patience(s), l.stopping.Load) {
		case undecided:
			return nil, "", false
		case protocolHTTP1, protocolHTTP2, protocolOther:
			return c.sock, "", true
		}
	}
	secured, info, err := s.TLS.Accept(c.sock, s.HTTP.Head)
	if err != nil {
		reason := identity.FailureOf(err)
		s.Metrics.HandshakeFailed(reason)
		l.opt.Log.Debug("TLS handshake failed", "listener", s.Side, "client", c.sock.Remote(), "reason", reason, "err", err)
		if reason == identity.FailedPlainHTTP {
			l.answerInClear(c, s)
		}
		return nil, "", false
	}
	c.tls = info
	s.Metrics.Handshake(info.Resumed)
	return secured, info.ALPN, true
}

const plainBody = "This address speaks HTTPS; the request came without TLS.\n"

var plainAnswer = []byte("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: " +
	strconv.Itoa(len(plainBody)) + "\r\n\r\n" + plainBody)

// answerInClear tells a client that it should have spoken TLS. Its request is
// read off, so that it can read the answer.
func (l *Listener) answerInClear(c *connection, s *Settings) {
	c.sock.ArmWrite(s.HTTP.WriteIdle)
	if c.sock.WriteVec(plainAnswer, nil, nil) == nil {
		http1.NewServer(c.sock, &s.HTTP).Linger(lingerBytes, lingerWait)
	}
}
