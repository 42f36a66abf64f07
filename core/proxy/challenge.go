package proxy

import (
	"bytes"

	"github.com/weirproxy/weir/core/filter"
)

// Challenge answers the requests in clear by which a certificate authority looks
// whether a host is ours, before any route has them.
type Challenge struct {
	Path   []byte // that theirs begin with
	Answer func(host, path string) (body []byte, ok bool)
}

// challenged answers such a request.
func (x *exchange) challenged() bool {
	c, head := x.side.Challenge, x.st.Request()
	if c == nil || x.conn.TLS != nil || !bytes.HasPrefix(head.Path, c.Path) {
		return false
	}
	body, ok := c.Answer(string(head.Authority), string(head.Path))
	if !ok {
		return false
	}
	x.st.Begin(none, x)
	_ = x.st.Reply(filter.Reply{Status: 200, Details: "acme_challenge", Body: body, GRPC: -1}) // nothing was sent yet
	return true
}
