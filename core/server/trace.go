package server

import (
	"context"
	"maps"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/trace"
	"github.com/weirproxy/weir/core/trace/otlp"
)

// makeReceiver makes what spans are sent to, nil for nothing.
func (b *builder) makeReceiver() {
	t := &b.cfg.Trace
	if t.Endpoint == "" {
		return
	}
	var err error
	b.receiver, err = otlp.NewTarget(otlp.Options{
		Endpoint: t.Endpoint, Headers: t.Fields(), Roots: t.Roots,
		Queue: int(t.Queue), Batch: int(t.Batch), Interval: time.Duration(t.Interval), Timeout: time.Duration(t.Timeout),
		Resource: resourceOf(b.cfg, b.server.opt.Version), Version: b.server.opt.Version,
	})
	if err != nil {
		b.problem("trace.roots", "%v", err)
	}
}

// resourceOf is who spans say that we are, by OpenTelemetry's conventions.
func resourceOf(cfg *config.Config, version string) map[string]string {
	attributes := map[string]string{
		"service.name":        serviceOf(cfg),
		"service.version":     version,
		"service.instance.id": nodeID(cfg),
		"weir.role":           string(cfg.Role),
	}
	maps.Copy(attributes, cfg.Trace.Resource)
	return attributes
}

func serviceOf(cfg *config.Config) string {
	switch {
	case cfg.Trace.Service != "":
		return cfg.Trace.Service
	case cfg.Node.Cluster != "":
		return cfg.Node.Cluster
	}
	return "weir-" + string(cfg.Role)
}

// tracingOf is what a chain's filters say of tracing, as far as a request may be one
// that they see: the first that sees it counts.
func tracingOf(c *chain.Chain) (list []proxy.Tracing) {
	links := c.Links()
	for i := range links {
		t, ok := links[i].Filter.(interface{ Tracing() *trace.Policy })
		if !ok {
			continue
		}
		p := t.Tracing()
		if p == nil {
			continue
		}
		list = append(list, proxy.Tracing{Policy: p, Condition: links[i].Condition})
		if links[i].Condition == nil {
			break // nothing comes to those behind it
		}
	}
	return list
}

// lastSpans is how long spans of streams that drained to the last moment may take to
// be sent.
const lastSpans = time.Second

// sendSpans sends what waits when no stream leaves any more.
func (s *Server) sendSpans(drained context.Context) {
	ctx, cancel := context.WithTimeout(context.Background(), lastSpans)
	if by, ok := drained.Deadline(); ok && time.Until(by) > lastSpans {
		cancel()
		ctx, cancel = context.WithDeadline(context.Background(), by)
	}
	defer cancel()
	s.spans.Close(ctx)
}

// ended is a context that is over.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

func (s *Server) countSpans() observe.Spans {
	c := s.spans.Counts()
	return observe.Spans{Sent: c.Sent, Dropped: c.Dropped, Failed: c.Failed, Rejected: c.Rejected}
}
