package realhost

import (
	"net/netip"
	"strconv"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/filters/filtertest"
)

// client is the address of the client of Cycle.
var client = netip.MustParseAddr("192.0.2.1")

// SetCluster and ClearRoute are the chain's owner: any cluster will do.
func (h *host) SetCluster(string) bool { return true }

// ClearRoute has nothing to do: there are no routes.
func (h *host) ClearRoute() {}

// Run takes a stream through the chain as the proxy does.
func (h *host) Run(in filtertest.Stream) filtertest.Outcome {
	st := h.stream
	h.fill(st.Request(), &in.Request)
	i := st.Info()
	i.ID, i.Start = 1, time.Now()
	i.Route, i.Cluster = in.Route, in.Cluster
	if in.Client != "" {
		i.Client = netip.MustParseAddr(in.Client)
	}
	st.Begin(h.chain, h)
	for name, v := range in.Properties {
		st.SetProperty(name, []byte(v))
	}
	out := filtertest.Outcome{Properties: map[string]string{}}
	up, v := h.pass(filter.Request, in.Request.Body)
	out.Upstream = up
	if v == chain.Passed {
		head := st.ResponseHead()
		head.Status, head.Version = max(200, in.Response.Status), stream.HTTP11
		for _, f := range in.Response.HeaderFields() {
			head.Headers.AddString(f.Name, f.Value)
		}
		out.Downstream, v = h.pass(filter.Response, in.Response.Body)
	}
	for v == chain.Replied {
		out.Downstream, v = h.pass(filter.Response, string(st.TakeReply()))
	}
	if v == chain.Held {
		h.t.Error("the filter holds the stream, and nothing will end that")
	}
	out.Local, out.Details = st.Local(), st.Info().Details
	st.Log()
	st.EachProperty("", func(path string, value []byte) { out.Properties[path] = string(value) })
	st.Finish()
	return out
}

func (h *host) fill(r *stream.RequestHead, m *filtertest.Message) {
	r.Version = stream.HTTP11
	for _, f := range m.RequestFields() {
		switch f.Name {
		case ":method":
			r.Method = []byte(f.Value)
		case ":path":
			r.Path = []byte(f.Value)
		case ":authority":
			r.Authority = []byte(f.Value)
		case ":scheme":
			r.Scheme = []byte(f.Value)
		default:
			r.Headers.AddString(f.Name, f.Value)
		}
	}
}

// pass feeds one direction, its body in one piece, and keeps what comes out.
func (h *host) pass(d filter.Direction, body string) (*filtertest.Head, chain.Verdict) {
	st := h.stream
	var head *filtertest.Head
	v := st.Head(d, body == "")
	for fed := body == ""; ; {
		if v > chain.Held {
			return head, v
		}
		out := st.Take(d)
		if out.Head {
			head = h.show(d)
			st.Sent(d)
		}
		if head != nil {
			head.Body += string(out.Data)
		}
		if out.End {
			return head, chain.Passed
		}
		switch {
		case !fed && st.Feedable(d):
			fed = true
			v = st.Feed(d, []byte(body), true)
		case st.Resumed(d):
			v = st.Flow(d)
		default:
			return head, chain.Held
		}
	}
}

func (h *host) show(d filter.Direction) *filtertest.Head {
	seen := &filtertest.Head{}
	var list *stream.Headers
	if d == filter.Request {
		r := h.stream.Request()
		list = &r.Headers
		seen.Add(":method", r.Method)
		seen.Add(":path", r.Path)
		seen.Add(":authority", r.Authority)
		seen.Add(":scheme", r.Scheme)
	} else {
		r := h.stream.Response()
		list = &r.Headers
		seen.Add(":status", strconv.AppendInt(nil, int64(r.Status), 10))
	}
	for _, f := range list.Fields() {
		switch string(f.Name) {
		case "content-length", "transfer-encoding":
		default:
			seen.Add(string(f.Name), f.Value)
		}
	}
	return seen
}
