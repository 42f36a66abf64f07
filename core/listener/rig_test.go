package listener_test

import (
	"context"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/listener"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/route"
	"github.com/weirproxy/weir/core/sock"
)

// rig is a listener before a proxy without routes: every request is answered
// 404 by the proxy itself.
type rig struct {
	*listener.Listener
	t       *testing.T
	at      string
	gate    *proxy.Gate
	proxy   *proxy.Proxy
	given   atomic.Bool // the snapshot was closed
	log     coretest.Log
	once    sync.Once
	metrics *observe.Listener
}

// panicking is the path whose stream ends in a panic.
const panicking = "/panic"

// Stream panics for one path: proxy.Recorder.
func (r *rig) Stream(rec *proxy.Record) {
	if string(rec.Stream.Request().Path) == panicking {
		panic("a bug in what records streams")
	}
}

// open opens a listener, that serve lets accept.
func open(t *testing.T, change func(s *listener.Settings)) *rig {
	t.Helper()
	r := &rig{t: t, at: coretest.Refusing(t)} // once it has ended
	log := slog.New(slog.NewTextHandler(&r.log, nil))
	socket, err := listener.Open(r.at)
	if err != nil {
		t.Fatal(err)
	}
	reaper := sock.NewReaper(20 * time.Millisecond)
	r.metrics = observe.NewMetrics("test").Listener("gateway")
	r.gate = new(proxy.Gate)
	first := snapshot(t, r.metrics, r.gate)
	first.Close = func() { r.given.Store(true) }
	p := proxy.New(proxy.Options{Log: log, Reaper: reaper, Record: r}, first)
	r.proxy = p
	r.Listener = listener.New(listener.Options{Proxy: p, Reaper: reaper, Log: log}, socket, settings(r.metrics, change))
	t.Cleanup(func() {
		r.end(0)
		p.Close()
		reaper.Close()
		if t.Failed() {
			t.Logf("the log:\n%s", &r.log)
		}
	})
	return r
}

func snapshot(t *testing.T, metrics *observe.Listener, gate *proxy.Gate) *proxy.Snapshot {
	t.Helper()
	cfg := config.Default(config.RoleGateway)
	table, err := route.New(nil, "gateway")
	if err != nil {
		t.Fatal(err)
	}
	paths, err := route.NewNormalizer(cfg.Paths)
	if err != nil {
		t.Fatal(err)
	}
	gate.Set(100, 0, 0)
	return &proxy.Snapshot{Sides: map[string]*proxy.Side{"gateway": {
		Name: "gateway", Table: table, Paths: paths, Gate: gate, Metrics: metrics, DrainUnread: 1 << 10, Pause: time.Second,
	}}}
}

func settings(metrics *observe.Listener, change func(s *listener.Settings)) *listener.Settings {
	s := &listener.Settings{
		Side: "gateway", Metrics: metrics,
		HTTP: http1.ServerOptions{
			Limits: http1.Limits{Bytes: 4 << 10, Count: 50, Line: 1 << 10}, Window: 8 << 10,
			Head: coretest.Patience, BodyIdle: coretest.Patience, WriteIdle: coretest.Patience,
		},
		KeepAlive: coretest.Patience, Connections: 100,
	}
	if change != nil {
		change(s)
	}
	return s
}

// serve lets connections in.
func (r *rig) serve() *rig {
	go r.Serve()
	return r
}

// end stops the listener, and cuts after a time what does not end.
func (r *rig) end(after time.Duration) (cut int) {
	ctx, cancel := context.WithTimeout(context.Background(), after)
	defer cancel()
	r.once.Do(func() { cut = r.Stop(ctx) })
	return cut
}

const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

// ask sends a request and reads its answer.
func ask(c *coretest.Client) coretest.Response {
	c.Send(request)
	return c.Read("GET")
}

// idle waits until no stream is under way: an answer comes before its stream ends.
func (r *rig) idle() {
	r.t.Helper()
	coretest.Eventually(r.t, "no stream is under way", func() bool { return r.gate.Inside() == 0 })
}

// begin sends the beginning of a request: its stream is under way from then on.
func (r *rig) begin() *coretest.Client {
	r.t.Helper()
	c := coretest.Dial(r.t, r.at)
	half := strings.Index(request, "Host")
	c.Send(request[:half])
	return c
}

// finish sends the rest of it.
func finish(c *coretest.Client) coretest.Response {
	c.Send(request[strings.Index(request, "Host"):])
	return c.Read("GET")
}

// refused says whether a new connection is closed at once.
func (r *rig) refused() bool {
	c, err := net.Dial("tcp", r.at)
	if err != nil {
		return true
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(coretest.Patience))
	_, err = c.Read(make([]byte, 1))
	return err != nil
}
