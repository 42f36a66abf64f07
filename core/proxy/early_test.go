package proxy_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/weirproxy/weir/core/coretest"
)

// step is what an upstream does next, with its name.
type step struct {
	name string
	do   func(*http2Peer)
}

// uploaded is how many bytes the clients of these tests send.
const uploaded = 100_000

// moments are when an upstream answers, before or beside the request's end.
var moments = []step{
	{"at once", func(*http2Peer) {}},
	{"on the way", func(h *http2Peer) { h.until(1000) }},
	{"at the window's end", func(h *http2Peer) { h.until(firstWindow) }},
	{"with credit", func(h *http2Peer) { h.until(firstWindow); _ = h.WriteWindowUpdate(h.id, 1000) }},
	{"beside the end", func(h *http2Peer) { h.credit(1 << 20) }},
	{"shortly before the end", func(h *http2Peer) { h.credit(1 << 20); h.until(uploaded - 20_000) }},
	{"a byte before the end", func(h *http2Peer) { h.credit(uploaded - firstWindow - 1); h.until(uploaded - 1) }},
	{"behind the end", func(h *http2Peer) { h.credit(1 << 20); h.until(uploaded) }},
}

// answers are the ways to say 413.
var answers = []step{
	{"a head", func(h *http2Peer) { h.head(true, ":status", "413") }},
	{"a body", func(h *http2Peer) {
		h.head(false, ":status", "413")
		_ = h.WriteData(h.id, true, nil)
	}},
	{"trailers", func(h *http2Peer) {
		h.head(false, ":status", "413")
		h.head(true, "a", "b")
	}},
}

// ends are what follows an answer.
var ends = []step{
	{"nothing", func(*http2Peer) {}},
	{"no error", func(h *http2Peer) { _ = h.WriteRSTStream(h.id, http2.ErrCodeNo) }},
	{"cancel", func(h *http2Peer) { _ = h.WriteRSTStream(h.id, http2.ErrCodeCancel) }},
	{"credit and no error", func(h *http2Peer) {
		_ = h.WriteWindowUpdate(h.id, 1<<20)
		_ = h.WriteRSTStream(h.id, http2.ErrCodeNo)
	}},
	{"goaway", func(h *http2Peer) { _ = h.WriteGoAway(h.id, http2.ErrCodeNo, nil) }},
}

// TestAnswerBeforeUploadEnds: an upstream may answer before it has read the
// request, and end the stream, or the connection, behind that. The answer
// arrives whatever the order.
func TestAnswerBeforeUploadEnds(t *testing.T) {
	var names []string
	var ups []*coretest.Upstream
	for _, answer := range answers {
		for _, end := range ends {
			for _, moment := range moments {
				for _, apart := range []bool{false, true} {
					for _, closes := range []bool{false, true} {
						names = append(names, fmt.Sprintf("%s, %s, %s, apart %t, closes %t", moment.name, answer.name, end.name, apart, closes))
						ups = append(ups, coretest.Script(t, func(p *coretest.Peer) {
							h := accept(p)
							moment.do(h)
							answer.do(h)
							if apart {
								h.flush()
							}
							end.do(h)
							if h.flush(); !closes {
								p.Ended()
							}
						}))
					}
				}
			}
		}
	}
	p := coretest.Proxy(t, clustersOf(ups))
	for i, name := range names {
		c := coretest.Dial(t, p.Addr("gateway"))
		go func() {
			_, _ = fmt.Fprintf(c, "POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", i, uploaded)
			_, _ = io.WriteString(c, strings.Repeat("x", uploaded))
		}()
		if r := c.Read("POST"); r.Status != 413 {
			t.Errorf("%s: status %d", name, r.Status)
		}
		_ = c.Close()
	}
}

// clustersOf is a gateway before upstreams of HTTP/2, of which the path /n leads
// to the nth.
func clustersOf(ups []*coretest.Upstream) string {
	var b strings.Builder
	b.WriteString(coretest.Gateway(ups[0].Addr, "[log]\nlevel = \"debug\""))
	for i, up := range ups {
		fmt.Fprintf(&b, "\n[[routes]]\nmatch = { path = \"/%d\" }\ncluster = \"c%[1]d\"\n[clusters.c%[1]d]\nendpoints = [%q]\nprotocol = \"http2\"\n", i, up.Addr)
	}
	return b.String()
}

// TestUploadThatWasNotLookedAt: a request whose upstream says that it did not
// look at it goes elsewhere as a whole, or not at all: what has left of the body
// may be gone.
func TestUploadThatWasNotLookedAt(t *testing.T) {
	const kept = 64 << 10 // of a body, so that it can be sent again
	body := strings.Repeat("0123456789", uploaded/10)
	for _, refuse := range []step{
		{"goaway", func(h *http2Peer) { _ = h.WriteGoAway(0, http2.ErrCodeNo, nil) }},
		{"refused", func(h *http2Peer) { _ = h.WriteRSTStream(h.id, http2.ErrCodeRefusedStream) }},
	} {
		for _, at := range []int{0, 1000, firstWindow, kept + 10_000} {
			for _, retries := range []string{"retries = { max = 0 }", "retries = { max = 1 }"} {
				got := make(chan string, 1)
				answer := func(p *coretest.Peer) {
					h := accept(p)
					h.credit(1 << 20)
					h.until(uploaded + 1)
					got <- h.body.String()
					h.head(true, ":status", "204")
					h.flush()
					p.Ended()
				}
				up := coretest.Script(t, func(p *coretest.Peer) {
					h := accept(p)
					if at > firstWindow {
						h.credit(1 << 20)
					}
					h.until(at)
					refuse.do(h)
					_ = h.WriteGoAway(0, http2.ErrCodeNo, nil)
					h.flush()
					p.Ended()
				}, answer)
				p := coretest.Proxy(t, coretest.Gateway(up.Addr, retries)+"protocol = \"http2\"\n")
				c := coretest.Dial(t, p.Addr("gateway"))
				go func() {
					_, _ = fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)
				}()
				r := c.Read("POST")
				switch {
				case r.Status == 204:
					if sent := <-got; sent != body {
						t.Errorf("%s behind %d bytes, %s: the body of %d bytes became one of %d", refuse.name, at, retries, len(body), len(sent))
					}
				case r.Status != 502:
					t.Errorf("%s behind %d bytes, %s: status %d", refuse.name, at, retries, r.Status)
				}
			}
		}
	}
}
