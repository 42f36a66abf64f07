package realhost

import (
	"testing"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// Window is the size of the pieces in which bodies come, in bytes.
const Window = 16 << 10

// Download makes a function that takes one stream through a filter, whose response
// is an HTML page, and tells how many bytes of it came out. The client accepts one
// content coding, "" for none.
func (w *World) Download(tb testing.TB, name, config, coding string, body []byte) (run func() (out int)) {
	made, err := w.rig(1, table(name, config, nil))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(made.Close)
	filters, st := made.Chain(), chain.NewStream()
	method, path, scheme, authority := []byte("GET"), []byte("/"), []byte("http"), []byte("shop.example")
	return func() (out int) {
		r := st.Request()
		r.Method, r.Path, r.Scheme, r.Authority, r.Version = method, path, scheme, authority, stream.HTTP11
		if coding != "" {
			r.Headers.AddString("accept-encoding", coding)
		}
		st.Begin(filters, nil)
		defer func() {
			st.Log()
			st.Finish()
		}()
		pass := func(v chain.Verdict, d filter.Direction) {
			if v != chain.Passed {
				tb.Fatalf("verdict %d, %s", v, st.Info().Details)
			}
			out += len(st.Take(d).Data)
		}
		pass(st.Head(filter.Request, true), filter.Request)
		st.Sent(filter.Request)
		head := st.ResponseHead()
		head.Status, head.Version = 200, stream.HTTP11
		head.Headers.AddString("content-type", "text/html")
		pass(st.Head(filter.Response, false), filter.Response)
		st.Sent(filter.Response)
		for at := 0; at < len(body); at += Window {
			end := min(at+Window, len(body))
			pass(st.Feed(filter.Response, body[at:end], end == len(body)), filter.Response)
		}
		return out
	}
}
