package proxy_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/coretest"
)

// TestRetriesHoldNothingWhileTheyWait: a request that waits for its next try has no
// connection that others could use, and no share of the budget once its client goes.
func TestRetriesHoldNothingWhileTheyWait(t *testing.T) {
	var busy, flaky atomic.Int64
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/busy" && busy.Add(1) > 0 || r.URL.Path == "/flaky" && flaky.Add(1) == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	const again = "retries = { max = 1, on_status = [503], back_off = "
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, "timeout = \"24h\"\n"+again+`"1m" }`,
		"[[routes]]\nmatch = { path = \"/flaky\" }\ncluster = \"up\"\n"+again+`"0s" }`)+"connections = 1\n")
	at := p.Addr("gateway")
	var waiting []*coretest.Client
	for i := range int64(3) { // as many retries as may always be under way
		c := coretest.Dial(t, at)
		c.Send("GET /busy HTTP/1.1\r\nHost: a\r\n\r\n")
		waiting = append(waiting, c)
		coretest.Eventually(t, "the request waits", func() bool { return busy.Load() == i+1 && p.Metric(active(up)) == 0 })
		if r := coretest.Get(t, at, "/"); r.Status != 200 {
			t.Fatalf("beside %d that wait: %+v", i+1, r)
		}
	}
	for _, c := range waiting {
		c.Reset()
	}
	coretest.Eventually(t, "no stream is under way", func() bool {
		return strings.Contains(p.Admin("GET", "/listeners").Body, `"streams": 0`)
	})
	if r := coretest.Get(t, at, "/flaky"); r.Status != 200 || flaky.Load() != 2 {
		t.Errorf("%d after %d tries, want 200 after 2: %+v", r.Status, flaky.Load(), r)
	}
}

// active is the sample of what is under way at an upstream.
func active(up *coretest.Upstream) string {
	return `weir_endpoint_requests_active{cluster="up",endpoint="` + up.Addr + `"}`
}

// TestUploadWhoseLastPieceIsLost: an upstream ends a request of which but the last
// piece was still to be sent. Whoever notices first, the next try has all of it, or
// there is none.
func TestUploadWhoseLastPieceIsLost(t *testing.T) {
	body := strings.Repeat("x", firstWindow+1)
	var connections atomic.Int64
	up := coretest.Script(t, func(p *coretest.Peer) {
		h := accept(p)
		if connections.Add(1)%2 == 0 {
			h.credit(1 << 20)
			h.until(len(body) + 1)
			h.head(true, ":status", "200")
		} else {
			h.until(firstWindow)
			_ = h.WriteRSTStream(h.id, http2.ErrCodeInternal)
		}
		_ = h.WriteGoAway(h.id, http2.ErrCodeNo, nil)
		h.flush()
		p.Ended()
	})
	p := coretest.Proxy(t, coretest.Gateway(up.Addr, `retries = { max = 1, buffer = "1MiB", back_off = "0s" }`)+"protocol = \"http2\"\n")
	for range 200 {
		c := coretest.Dial(t, p.Addr("gateway"))
		c.Send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n" + body[:firstWindow] + "\r\n1\r\nx\r\n0\r\n\r\n")
		if r := c.Read("PUT"); r.Status != 200 && r.Status != 502 {
			t.Fatalf("%+v", r)
		}
	}
}
