package explain

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/server"
	"github.com/weirproxy/weir/core/trial/rig"
)

// never is how long an upstream takes whose answer nobody asks for.
const never = 1000 * time.Hour

// run takes the request through the chain of route i.
func (x *inquiry) run(ctx context.Context, i int) error {
	r := &x.plan.Routes[i]
	links := slices.Concat(x.Config.FiltersFor(x.a.side), r.Filters)
	rec := &recorder{masks: &x.masks}
	host, err := x.host(ctx, links, rec)
	if err != nil {
		return err
	}
	closed := false
	defer func() {
		if !closed {
			host.Close()
		}
	}()
	if err := host.Settle(); err != nil { // what filters ask for at their start
		return err
	}
	response := rig.Response{Status: x.q.Response}
	if x.q.Response == 0 {
		response.Status, response.Delay = 200, never
	}
	s := host.Begin(x.request(), response, x.facts(i))
	if err := x.settle(host, s); err != nil {
		return err
	}
	state := s.State()
	kept := slices.ContainsFunc(s.Properties(), func(f rig.Field) bool { return f.Name == keepRoute })
	host.Close() // the parts end, and say what they have burned
	closed = true
	x.filters(rec, s.Upstream != nil)
	x.outcome(rec, s, state)
	if s.Upstream != nil && !s.Local {
		x.upstream(rec, s, i, kept)
	}
	x.notes(rec, len(links) > 0)
	return nil
}

// keepRoute is the property by which a filter keeps the route that was found.
const keepRoute = "weir.keep_route"

// host makes the filters in a host of their own.
func (x *inquiry) host(ctx context.Context, links []config.Link, rec *recorder) (*rig.Rig, error) {
	names := config.LinkNames(links)
	held := int64(x.Config.LimitsFor(x.a.side).FilterBody)
	return rig.New(ctx, rig.Options{
		Engine: x.Engine, Builtins: x.Builtins, Filters: x.Config.Filters, Chain: names, Start: x.info.Start,
		Reply:   x.supposed,
		Cluster: func(name string) bool { _, ok := x.Config.Clusters[name]; return ok },
		Called:  func(c *rig.Call) { rec.called(c, x.told(c)) },
		Limits: func(c *config.Config) {
			*c = *x.Config
			c.Wasm.Lanes, c.Node.ID = 1, x.plan.Node
		},
		Make: func(a *server.Alone) (*chain.Chain, error) { return a.ChainOf(links, held, rec.sit) },
	})
}

// supposed is the answer of a cluster that a filter calls.
func (x *inquiry) supposed(c *rig.Call) *rig.Reply {
	status, ok := x.q.Answers[c.Cluster]
	if !ok {
		return nil
	}
	return &rig.Reply{Status: status}
}

// told is that answer for people.
func (x *inquiry) told(c *rig.Call) string {
	if status, ok := x.q.Answers[c.Cluster]; ok {
		return strconv.Itoa(status) + ", as supposed"
	}
	return "none: it fails as if nobody could be connected to"
}

// request is the request as the chain gets it.
func (x *inquiry) request() rig.Request {
	in := x.a.request
	in.Path, in.Scheme, in.Fields = string(x.head.Path), string(x.head.Scheme), nil
	for _, f := range listed(&x.head.Headers) {
		in.Fields = append(in.Fields, rig.Field(f))
	}
	return in
}

// facts are what filters learn beside the request.
func (x *inquiry) facts(i int) rig.Facts {
	r := &x.plan.Routes[i]
	f := rig.Facts{
		Source: x.info.Source, Destination: x.info.Destination, Client: x.info.Client, TLS: x.info.TLS,
		Listener: string(x.a.side), Route: r.Name, RouteMetadata: x.plan.Metadata(i),
	}
	if c := x.cluster(r.Cluster); c != nil {
		f.Cluster, f.ClusterMetadata, f.Endpoints = c.Name, c.Metadata, len(c.Endpoints())
	}
	for n := range x.captures.Len() {
		name, value := x.captures.At(n, x.head.Path)
		f.Properties = append(f.Properties, rig.Field{Name: "weir.path." + name, Value: string(value)})
	}
	return f
}

// settle lets happen what can, as long as a filter may pause.
func (x *inquiry) settle(host *rig.Rig, s *rig.Stream) error {
	left := time.Duration(x.Config.TimeoutsFor(x.a.side).Pause)
	for {
		if err := host.Settle(); err != nil {
			return fmt.Errorf("running the filters: %w", err)
		}
		if st := s.State(); st != rig.PausedRequest && st != rig.PausedResponse {
			return nil
		}
		due, ok := host.Clock.Due()
		if !ok || due > left {
			return nil
		}
		if err := host.Advance(due); err != nil {
			return fmt.Errorf("running the filters: %w", err)
		}
		left -= due
	}
}
