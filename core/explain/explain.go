package explain

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/route"
	"github.com/weirproxy/weir/core/server"
	"github.com/weirproxy/weir/core/stream"
	"github.com/weirproxy/weir/core/wasm"
)

// World is what requests are explained by.
type World struct {
	Config   *config.Config
	Engine   *wasm.Engine
	Builtins server.Builtins
	Version  string
	// Running are the clusters of a process; nil: nobody runs, and they are as the
	// configuration has them.
	Running map[string]*cluster.Cluster
}

// inquiry is one question under way.
type inquiry struct {
	*World
	q    *Question
	a    asked
	plan *server.Plan

	head     stream.RequestHead
	info     stream.Info
	scratch  []byte
	captures route.Captures
	masks    masks
	sketched map[string]*cluster.Cluster

	report *Report
}

// Explain answers a question. The error says everything that is wrong with it, or
// that a filter cannot be made.
func (w *World) Explain(ctx context.Context, q *Question) (*Report, error) {
	a, err := q.read(w.Config.Role)
	if err != nil {
		return nil, err
	}
	plan, err := server.NewPlan(w.Config, a.side)
	if err != nil {
		return nil, err
	}
	x := &inquiry{World: w, q: q, a: a, plan: plan, masks: masks{show: q.ShowSecrets}, sketched: map[string]*cluster.Cluster{}}
	x.report = &Report{Version: 1, Source: "file", Role: string(w.Config.Role), Side: string(a.side), Filters: []Filter{}, Notes: []string{}}
	if w.Running != nil {
		x.report.Source = "running"
	}
	if err := x.receive(); err != nil {
		x.answered("refused", err)
		return x.report, nil
	}
	i, err := x.match(&x.report.Route)
	if err != nil {
		return nil, err
	}
	if i < 0 {
		x.answered("answered", fault.New(fault.NoRoute, "no route matches the request", nil))
		return x.report, nil
	}
	if most := int64(plan.Routes[i].MaxBody); most > 0 && int64(len(q.Body)) > most {
		x.answered("answered", fault.New(fault.BodyTooLarge, "the body is longer than the route's max_body", nil))
		return x.report, nil
	}
	if err := x.run(ctx, i); err != nil {
		return nil, err
	}
	return x.report, nil
}

// answered notes an answer that Weir itself gives.
func (x *inquiry) answered(is string, err error) {
	k := fault.KindOf(err)
	x.report.Outcome = Outcome{Is: is, Status: k.Status(), Details: k.Details(), Why: err.Error()}
}

// receive makes the request what it is before any filter.
func (x *inquiry) receive() error {
	r, h := &x.a.request, &x.head
	sent := []Field{}
	var refused error
	for _, f := range r.Fields {
		sent = append(sent, Field{f.Name, f.Value})
		switch drop, err := x.plan.Head.Drops(f.Name); {
		case err != nil:
			refused = err
		case !drop:
			h.Headers.AddString(f.Name, f.Value)
		}
	}
	x.masks.learn(sent)
	h.Method, h.Authority, h.Path, h.Version = []byte(r.Method), []byte(r.Authority), []byte(r.Path), stream.HTTP11
	tls := x.tls()
	h.Scheme = []byte("http")
	if tls != nil {
		h.Scheme = []byte("https")
	}
	x.report.Request = Request{
		Method: r.Method, Scheme: string(h.Scheme), Authority: r.Authority, Sent: x.masks.path(r.Path), Client: x.a.source.Addr().String(),
		Peer: x.q.Peer, Fields: x.masks.fields(sent), Changes: []Change{}, BodyLength: len(x.q.Body),
	}
	if refused != nil {
		return refused
	}
	path, err := x.plan.Paths.Normalize(h.Path, &x.scratch)
	if err != nil {
		return err
	}
	h.Path = slices.Clone(path)
	conn := proxy.NewConn(1, x.a.source, destination, string(x.a.side), tls, new(atomic.Bool))
	x.info = stream.Info{Start: time.Now(), Source: x.a.source, Destination: destination, TLS: tls, Version: stream.HTTP11}
	x.plan.Forwarded.Receive(h, conn, &x.info)
	x.report.Request.Path = x.masks.path(string(h.Path))
	x.report.Request.Client = x.info.Client.String()
	x.report.Request.Changes = append(x.report.Request.Changes, compare("request", sent, listed(&h.Headers), &x.masks)...)
	return nil
}

// tls is the connection's, nil in clear. A peer that is known by its certificate
// comes with TLS, whatever the URL says.
func (x *inquiry) tls() *stream.TLSInfo {
	if x.a.request.Scheme == "http" && x.q.Peer == "" {
		return nil
	}
	return &stream.TLSInfo{Version: "TLSv1.3", ServerName: hostOf(x.a.request.Authority), PeerSPIFFE: x.q.Peer}
}

// match finds the route and says why; -1 where there is none.
func (x *inquiry) match(into **Route) (int, error) {
	list, err := route.Judge(x.plan.Routes, string(x.a.side), &x.head)
	if err != nil {
		return -1, err
	}
	i, ok := x.plan.Table.Match(&x.head, &x.captures)
	if !ok {
		i = -1
	}
	*into = x.judged(list, i)
	return i, nil
}
