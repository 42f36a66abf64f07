package server_test

import (
	"crypto/tls"
	"fmt"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/identity/identitytest"
)

// With "auto" the handshake decides what is spoken: requests share a connection
// where that is HTTP/2.
func TestUpstreamByALPN(t *testing.T) {
	a := identitytest.New(t)
	site := a.Pair(a.Issue("site", identitytest.Request{Names: []string{"127.0.0.1"}}))
	for _, c := range []struct {
		protocol string
		offered  []string
		spoken   string
		conns    int64 // at most
	}{
		{"auto", []string{"h2", "http/1.1"}, "h2", 1},
		{"auto", []string{"http/1.1"}, "http/1.1", 8},
		{"http1", []string{"h2", "http/1.1"}, "http/1.1", 8},
		{"http2", []string{"h2", "http/1.1"}, "h2", 1},
	} {
		up := serveTLS(t, &tls.Config{Certificates: []tls.Certificate{site}, NextProtos: c.offered})
		p := coretest.Proxy(t, coretest.Gateway(up.Addr)+fmt.Sprintf("protocol = %q\n[clusters.up.tls]\nroots = %q\n", c.protocol, a.File))
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				client := coretest.Dial(t, p.Addr("gateway"))
				for range 5 {
					client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
					if r := client.Read("GET"); r.Status != 200 || r.Body != "hello, nobody, by "+c.spoken {
						t.Errorf("%s of %v: %d %q", c.protocol, c.offered, r.Status, r.Body)
					}
				}
			})
		}
		all.Wait()
		if n := up.conns.Load(); n > c.conns {
			t.Errorf("%s of %v: %d connections", c.protocol, c.offered, n)
		}
	}
}
