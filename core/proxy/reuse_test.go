package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
)

// TestAnsweredUploadsLeaveConnectionsWhole: an upstream may answer before the
// goroutine that wrote the end of the body knows that it has. The connection must
// then not be closed and kept for the next request, which would fail.
func TestAnsweredUploadsLeaveConnectionsWhole(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	p := coretest.Proxy(t, coretest.Gateway(up.Addr))
	const clients, requests = 16, 400
	var all sync.WaitGroup
	for range clients {
		c := coretest.Dial(t, p.Addr("gateway"))
		all.Go(func() {
			for n := range requests {
				c.Send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
				c.Send(strings.Repeat("1\r\nx\r\n", 1+n%7))
				c.Send("0\r\n\r\n")
				if r := c.Read("POST"); r.Status != 200 {
					t.Errorf("request %d: %s", n, fmt.Sprint(r))
					return
				}
			}
		})
	}
	all.Wait()
}
