package proxywasm_test

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// exchange drives one stream through a chain, as a proxy would.
type exchange struct {
	head     string   // "GET /path host" of the request; "GET / a.example" when empty
	headers  []string // "name: value"
	body     []string
	trailers []string

	status           int // of the upstream's response; 200 when 0
	responseHeaders  []string
	responseBody     []string
	responseTrailers []string

	paused     func() // called once, when a filter holds
	wait       time.Duration
	clusters   []string
	cluster    string
	rerouted   bool
	properties map[string]string
	edit       func(i *stream.Info)
	onError    filter.OnError

	st *chain.Stream
}

// outcome is what came of it.
type outcome struct {
	upstream   string // what the upstream got; empty when nothing
	downstream string // what the client got
	cut        bool
	timeout    bool
	details    string
}

func (x *exchange) SetCluster(name string) bool {
	for _, c := range x.clusters {
		if c == name {
			x.cluster = name
			return true
		}
	}
	return false
}

func (x *exchange) ClearRoute() { x.rerouted = true }

func fields(h *stream.Headers, list []string) *stream.Headers {
	for _, f := range list {
		name, value, _ := strings.Cut(f, ": ")
		h.AddString(name, value)
	}
	return h
}

func show(b *strings.Builder, h *stream.Headers) {
	for _, f := range h.Fields() {
		fmt.Fprintf(b, "|%s: %s", f.Name, f.Value)
	}
}

// run takes the stream from its head to its end.
func (x *exchange) run(filters ...filter.Filter) outcome {
	links := make([]chain.Link, len(filters))
	for i, f := range filters {
		links[i] = chain.Link{Filter: f, OnError: x.onError}
	}
	return x.through(chain.New(links, 1<<20))
}

func (x *exchange) through(c *chain.Chain) outcome {
	x.begin(c)
	o := x.serve()
	x.finish(&o)
	return o
}

func (x *exchange) begin(c *chain.Chain) {
	if x.st == nil {
		x.st = chain.NewStream()
	}
	st := x.st
	head := x.head
	if head == "" {
		head = "GET / a.example"
	}
	parts := strings.Split(head, " ")
	r := st.Request()
	r.Method, r.Path, r.Authority = []byte(parts[0]), []byte(parts[1]), []byte(parts[2])
	r.Scheme, r.Version = []byte("http"), stream.HTTP11
	fields(&r.Headers, x.headers)
	i := st.Info()
	i.ID, i.Conn, i.Start = 77, 7, time.Unix(1700000000, 0)
	i.Source, i.Destination = netip.MustParseAddrPort("192.0.2.1:4711"), netip.MustParseAddrPort("192.0.2.2:80")
	i.Client = netip.MustParseAddr("198.51.100.9")
	i.Listener, i.Route, i.Cluster = "gateway", "orders", "backend"
	if x.edit != nil {
		x.edit(i)
	}
	if x.wait == 0 {
		x.wait = coretest.Patience
	}
	st.Begin(c, x)
}

// message is one direction as it comes out.
type message struct {
	head bool
	text strings.Builder
	end  bool
}

func (x *exchange) serve() (o outcome) {
	request, v := x.send(filter.Request, x.body, x.trailers, func() chain.Verdict {
		return x.st.Head(filter.Request, len(x.body) == 0 && x.trailers == nil)
	})
	if request.head {
		o.upstream = request.text.String()
	}
	if v == chain.Passed {
		h := x.st.ResponseHead()
		if h.Status = x.status; h.Status == 0 {
			h.Status = 200
		}
		h.Version = stream.HTTP11
		fields(&h.Headers, x.responseHeaders)
		var response *message
		response, v = x.send(filter.Response, x.responseBody, x.responseTrailers, func() chain.Verdict {
			return x.st.Head(filter.Response, len(x.responseBody) == 0 && x.responseTrailers == nil)
		})
		o.downstream = response.text.String()
	}
	for v == chain.Replied {
		body := x.st.TakeReply()
		var chunks []string
		if len(body) > 0 {
			chunks = []string{string(body)}
		}
		var response *message
		response, v = x.send(filter.Response, chunks, nil, func() chain.Verdict {
			return x.st.Head(filter.Response, len(chunks) == 0)
		})
		o.downstream = response.text.String()
	}
	o.cut = v == chain.Cut
	o.timeout = v == chain.Held
	return o
}

// send feeds one direction. Held as its verdict means that nothing came for
// too long.
func (x *exchange) send(d filter.Direction, body, trailers []string, head func() chain.Verdict) (*message, chain.Verdict) {
	m := &message{}
	st := x.st
	v := head()
	fed := len(body) == 0 && trailers == nil
	var lent []byte
	for {
		if v > chain.Held {
			return m, v
		}
		x.take(m, d)
		for i := range lent {
			lent[i] = '#' // the chunk's owner uses it again
		}
		lent = nil
		if m.end {
			return m, chain.Passed
		}
		if !fed && st.Feedable(d) {
			switch {
			case len(body) > 0:
				chunk := []byte(body[0])
				body = body[1:]
				fed = len(body) == 0 && trailers == nil
				v = st.Feed(d, chunk, fed)
				lent = chunk
			default:
				fed = true
				v = st.FeedTrailers(d, fields(new(stream.Headers), trailers))
			}
			continue
		}
		if !st.Resumed(d) && !st.Stopped() {
			if x.paused != nil {
				p := x.paused
				x.paused = nil
				st.Idle(d, quietReader{}) // others may hold the stream meanwhile
				p()
				st.Busy(d)
			}
			if !st.Resumed(d) && !st.Stopped() && !st.Wait(d, x.wait) {
				return m, chain.Held
			}
		}
		v = st.Flow(d)
	}
}

// quietReader is a read that need not be interrupted.
type quietReader struct{}

func (quietReader) Interrupt() {}

func (x *exchange) take(m *message, d filter.Direction) {
	out := x.st.Take(d)
	if out.Head {
		m.head = true
		if d == filter.Request {
			r := x.st.Request()
			fmt.Fprintf(&m.text, "%s %s %s", r.Method, r.Path, r.Authority)
			show(&m.text, &r.Headers)
		} else {
			r := x.st.Response()
			fmt.Fprintf(&m.text, "%d", r.Status)
			show(&m.text, &r.Headers)
		}
		x.st.Sent(d)
	}
	if len(out.Data) > 0 {
		fmt.Fprintf(&m.text, "|>%s", out.Data)
	}
	if out.Trailers {
		m.text.WriteString("|trailers")
		show(&m.text, x.st.Trailers(d))
	}
	m.end = m.end || out.End
}

func (x *exchange) finish(o *outcome) {
	o.details = x.st.Info().Details
	x.st.Log()
	for k := range x.properties {
		x.properties[k] = string(x.st.Property(k))
	}
	x.st.Finish()
}
