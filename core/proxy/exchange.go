package proxy

import (
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/overload"
	"github.com/weirproxy/weir/core/route"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/trace"
)

// exchange is one stream: a request and its response. It is used again.
type exchange struct {
	proxy *Proxy
	st    *chain.Stream
	conn  *Conn
	down  Downstream
	began int64 // coarse time
	snap  *Snapshot
	side  *Side
	route *Route

	captures route.Captures
	scratch  []byte // a path that had to be made normal
	seen     target // what the route was matched by
	rematch  bool   // a filter asked for the route to be matched again
	override *cluster.Cluster
	meant    *cluster.Cluster // of a request that no route is for, see Elsewhere

	entered bool  // through the gate
	failed  error // the fault that ended the stream, for the log

	// The request, once the chain has let it through.
	piece    chain.Out // what goes upstream with the head
	headOut  bool
	fed      bool  // the body was read to its end
	expect   bool  // the client waits for 100 before it sends the body
	upgrade  bool  // the client asks for an upgrade that the route allows
	received int64 // body bytes
	kept     []byte
	keeping  bool    // kept holds all of the body that went upstream
	page     []byte  // of an error
	mirror   *mirror // the copy that is being made, nil for none

	// The attempt under way.
	cluster  *cluster.Cluster
	endpoint *cluster.Endpoint
	upstream *pool.Conn
	spent    spent     // the connection of an attempt that is over
	asked    time.Time // when, see cluster.Endpoint.Asked
	upload   upload
	tryBy    int64         // coarse time at which the attempt is late by its own bound, 0 for none
	deadline int64         // coarse time at which the whole response is late, 0 for none
	late     fault.Kind    // what it is then
	timed    bool          // the route's time-out runs
	given    time.Duration // by a gRPC call's client or a filter, from the head's arrival on; 0 for none
	interims int
	rec      Record
	trace    trace.Stream
}

// target is what a route is matched by, as spans: a filter that changes one
// makes another span.
type target struct{ method, authority, path []byte }

func targetOf(h *stream.RequestHead) target { return target{h.Method, h.Authority, h.Path} }

func (t *target) differs(h *stream.RequestHead) bool {
	return !sameSpan(t.path, h.Path) || !sameSpan(t.authority, h.Authority) || !sameSpan(t.method, h.Method)
}

func sameSpan(a, b []byte) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// Serve carries the next stream of c, whose first bytes are there. It answers
// whether the connection may carry another.
func (p *Proxy) Serve(c *Conn, d Downstream) (keep bool) {
	x := p.pool.Get().(*exchange)
	x.conn, x.down = c, d
	now := p.reaper.Now()
	c.stream.Store(x.st)
	c.waiting.Store(now)
	x.began = now
	x.snap = p.current.acquire()
	x.side = x.snap.Sides[c.Side]
	defer x.onPanic()
	v := x.receive()
	if v == chain.Passed {
		v = x.request()
	}
	if v == chain.Passed {
		v = x.forward()
	}
	for v == chain.Replied {
		v = x.reply()
	}
	keep = x.end(v)
	x.finish()
	return keep
}

// none is the chain of a stream that found no route.
var none = chain.New(nil, 0)

// receive reads the request's head and settles what it is: whether it may
// come in, its path in normal form, the client, the route.
func (x *exchange) receive() chain.Verdict {
	head, info := x.st.Request(), x.st.Info()
	size, err := x.down.ReadRequest(head)
	info.ID = x.proxy.ids.Add(1)
	info.Start = time.Now()
	info.Conn, info.Source, info.Destination = x.conn.ID, x.conn.Source, x.conn.Destination
	info.Client, info.TLS, info.Listener = x.conn.Source.Addr(), x.conn.TLS, x.conn.Side
	info.RequestHead, info.Version = size, head.Version
	info.Node = x.side.Node
	if x.conn.TLS == nil {
		head.Scheme = schemeHTTP
	} else {
		head.Scheme = schemeHTTPS
	}
	level := x.proxy.overload.Level()
	if x.conn.Last || x.conn.drain.Load() || level >= overload.NoKeepAlive {
		x.down.Close()
	}
	read := err == nil
	if read {
		err = x.admit(level)
	} else {
		x.down.DropRest()
	}
	switch {
	case err != nil:
		x.traceRefusal(err, read)
	case x.challenged():
		return chain.Replied
	default:
		err = x.match()
		x.beginTrace()
		if full := x.enter(level); full != nil {
			err = full
		}
	}
	if err != nil {
		x.st.Begin(none, x)
		return x.fault(err)
	}
	if x.route.GRPCWeb {
		x.down = plainGRPC(x.down, head)
	}
	x.st.Begin(x.route.Chain, x)
	return chain.Passed
}

var schemeHTTP, schemeHTTPS = []byte("http"), []byte("https")

// errMisdirected is a request for a host whose clients may have to show other
// certificates than the connection's did (RFC 9110, section 15.5.20).
var errMisdirected = fault.New(fault.Misdirected, "entering: the host is not one of the connection's certificate", nil)

// admit looks at whether the request may come in at all, and makes its head normal.
func (x *exchange) admit(level overload.Level) error {
	if level >= overload.NoAccept {
		return x.shed(errMemory)
	}
	head := x.st.Request()
	if tls := x.conn.TLS; tls != nil && tls.Owns != nil && !tls.Owns(head.Authority) {
		return errMisdirected
	}
	path, err := x.side.Paths.Normalize(head.Path, &x.scratch)
	if err != nil {
		return err
	}
	head.Path = path
	x.side.Forwarded.receive(head, x.conn, x.st.Info())
	return nil
}

var errNoRoute = fault.New(fault.NoRoute, "matching the request: no route", nil)

// match finds the route. Its only error is errNoRoute.
func (x *exchange) match() error {
	head := x.st.Request()
	i, ok := x.side.Table.Match(head, &x.captures)
	if ok {
		x.route, x.meant = x.side.Routes[i], nil
	} else if r, err := x.elsewhere(); err == nil {
		x.route = r
	} else {
		return err
	}
	x.seen = targetOf(head)
	info := x.st.Info()
	info.Route, info.RouteMetadata = x.route.Name, x.route.Metadata
	x.aim()
	for i := range x.captures.Len() {
		name, value := x.captures.At(i, head.Path)
		x.st.SetProperty(pathPart+name, value)
	}
	return nil
}

// aim notes the cluster that the request is for, so that filters learn of it.
// That of a split is drawn when the request is sent.
func (x *exchange) aim() {
	switch {
	case x.cluster != nil: // too late
	case x.override != nil:
		x.tell(x.override)
	case x.route.Split == nil && x.routed() != nil:
		x.tell(x.routed())
	default:
		info := x.st.Info()
		info.Cluster, info.ClusterMetadata, info.Endpoints = "", nil, 0
	}
}

// tell notes what filters may know of a cluster.
func (x *exchange) tell(c *cluster.Cluster) {
	info := x.st.Info()
	info.Cluster, info.ClusterMetadata, info.Endpoints = c.Name, c.Metadata, len(c.Endpoints())
}

// pathPart begins the properties that hold the named parts of a route's path
// template, as they stand in the path.
const pathPart = "weir.path."

// keepRoute is the property by which a filter that rewrites the path keeps
// the route it was matched by.
const keepRoute = "weir.keep_route"

// reroute matches the request again if a filter changed what its route was
// matched by, as Envoy does. The chain stays: the filters have seen the head.
func (x *exchange) reroute() error {
	head := x.st.Request()
	if !x.rematch && !x.seen.differs(head) {
		return nil
	}
	// A path that a filter made is brought into the one normal form too.
	path, err := x.side.Paths.Normalize(head.Path, &x.scratch)
	if err != nil {
		return err
	}
	head.Path = path
	if x.st.Property(keepRoute) != nil {
		return nil
	}
	return x.match()
}

// ClearRoute is for the chain: see chain.Owner.
func (x *exchange) ClearRoute() { x.rematch = true }

// SetCluster is for the chain: see chain.Owner.
func (x *exchange) SetCluster(name string) bool {
	c, ok := x.snap.Clusters[name]
	if ok {
		x.override = c
		x.aim()
	}
	return ok
}

// fault ends the stream with err's answer, or cuts it where none can be given.
func (x *exchange) fault(err error) chain.Verdict {
	if x.failed == nil {
		x.failed = err
	}
	return x.st.Refuse(fault.KindOf(err))
}

// framing is that of the request.
func (x *exchange) framing() *http1.Framing { return x.down.Frame() }

// noted acts on what was noted for a direction while its owner waited.
func (x *exchange) noted(d filter.Direction) chain.Verdict {
	if x.conn.gone.Load() {
		return x.fault(errGone)
	}
	return x.st.Flow(d)
}

var errGone = fault.New(fault.ClientGone, "waiting for the answer", nil)
