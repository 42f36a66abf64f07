package trace

import (
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/grpc"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trace/otlp"
)

// Outcome is how an exchange ended.
type Outcome struct {
	Status  int // that was sent, 0 for none
	Kind    fault.Kind
	Faulted bool
	GRPC    grpc.Code // a call's status, grpc.None for any other request
	Took    time.Duration
}

// Broken is the outcome of what met err, nil for an answer, and got a status, 0 for none.
func Broken(status int, err error) Outcome {
	return Outcome{Status: status, Kind: fault.KindOf(err), Faulted: err != nil, GRPC: grpc.None}
}

// EndTry ends the attempt under way, if there is one. endpoint is the address that it
// went to, "" for none.
func (t *Stream) EndTry(s *chain.Stream, endpoint string, o Outcome) {
	if t.try.began == 0 {
		return
	}
	info, head := s.Info(), s.Request()
	c := info.Trace
	c.Span = t.try.span
	x := otlp.New(&c, otlp.Client)
	x.Parent(info.Trace.Span, false)
	x.Time(t.try.began, time.Now().UnixNano())
	named(x, head.Method, info.Cluster)
	addMethod(x, head.Method)
	t.text = appendURL(t.text[:0], info.Secured != nil, head.Authority, head.Path)
	x.Bytes(urlFull, t.text)
	if endpoint != "" {
		addHost(x, endpoint)
		addPeer(x, info.Upstream)
	}
	if t.tries > 1 {
		x.Int(resendCount, int64(t.tries-1))
	}
	x.Text(weirCluster, info.Cluster)
	if info.Secured != nil {
		x.Text(weirDestination, info.Secured.PeerSPIFFE)
	}
	addEnd(x, otlp.Client, &o)
	t.try = try{}
	t.sink.Add(x)
}

// End leaves the spans of the filters and of the stream itself. Its filters are still
// attached.
func (t *Stream) End(s *chain.Stream, o Outcome) {
	if t.sink == nil {
		return
	}
	info := s.Info()
	if t.policy.Filters {
		for i := range s.Visits() {
			if v, ok := s.Visit(i); ok {
				t.sink.Add(filterSpan(info, s, &v))
			}
		}
	}
	x := otlp.New(&info.Trace, otlp.Server)
	if t.parent != (stream.SpanID{}) {
		x.Parent(t.parent, true)
	}
	if t.link.Valid() {
		x.Link(&t.link)
	}
	start := info.Start.UnixNano()
	x.Time(start, start+int64(o.Took))
	t.describe(x, s)
	addEnd(x, otlp.Server, &o)
	t.sink.Add(x)
}

// filterSpan is a filter's: its time with the request, or with the response where it
// saw no request. The meter's time is that of both.
func filterSpan(info *stream.Info, s *chain.Stream, v *chain.Visit) *otlp.Span {
	c := info.Trace
	c.Span = v.Span
	x := otlp.New(&c, otlp.Internal)
	x.Parent(info.Trace.Span, false)
	x.Name("filter ", v.Filter)
	d := filter.Request
	if v.Began[d] == 0 {
		d = filter.Response
	}
	if v.Began[d] == 0 { // it failed before it was called
		v.Began[d] = info.Start.UnixNano()
		v.Ended[d] = v.Began[d]
	}
	x.Time(v.Began[d], v.Ended[d])
	if at := v.Began[filter.Response]; d == filter.Request && at != 0 {
		x.Event("response", at, max(v.Ended[filter.Response]-at, 0))
	}
	x.Text(weirFilter, v.Filter)
	x.Int(weirCPU, int64(v.Burned))
	switch {
	case v.Failed:
		x.Text(weirVerdict, "failed")
		x.Text(errorType, "filter_failed")
		x.Failed("")
	case info.Filter == v.Filter && s.Local():
		x.Text(weirVerdict, "reply")
	case info.Filter == v.Filter:
		x.Text(weirVerdict, "reset")
	default:
		x.Text(weirVerdict, "continue")
	}
	return x
}

// describe adds the stream's name and attributes, but for how it ended.
func (t *Stream) describe(x *otlp.Span, s *chain.Stream) {
	info, head := s.Info(), s.Request()
	known := false
	if t.text, known = t.policy.name.Append(t.text[:0], s); known && len(t.text) > 0 {
		x.NameBytes(t.text)
	} else {
		named(x, head.Method, info.Route)
	}
	addMethod(x, head.Method)
	x.Bytes(urlScheme, head.Scheme)
	path, query := pathOf(head.Path)
	x.Bytes(urlPath, path)
	if t.policy.Query {
		x.Bytes(urlQuery, query)
	}
	addHost(x, head.Authority)
	x.Addr(clientAddress, info.Client)
	addPeer(x, info.Source)
	addVersion(x, info.Version)
	x.Bytes(userAgent, head.Headers.Peek("user-agent"))
	x.Int(requestSize, info.RequestBytes)
	x.Int(responseSize, info.ResponseBytes)
	x.Text(weirListener, info.Listener)
	x.Text(weirRoute, info.Route)
	x.Text(weirCluster, info.Cluster)
	x.Text(weirDetails, info.Details)
	x.Text(weirFilter, info.Filter)
	if info.TLS != nil {
		x.Text(weirSource, info.TLS.PeerSPIFFE)
	}
	if info.Secured != nil {
		x.Text(weirDestination, info.Secured.PeerSPIFFE)
	}
	for i := range t.policy.tags {
		g := &t.policy.tags[i]
		var known bool
		if t.text, known = g.value.Append(t.text[:0], s); known {
			x.Bytes(g.key, t.text)
		}
	}
}
