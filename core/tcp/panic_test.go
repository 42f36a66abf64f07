package tcp_test

import (
	"log/slog"
	"net"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/coretest"
	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/tcp"
)

// buggy is a filter of our own that panics in one phase; PhaseLog is Attach.
type buggy struct{ in filter.Phases }

func (b buggy) Name() string          { return "buggy" }
func (b buggy) Group() any            { return nil }
func (b buggy) Phases() filter.Phases { return filter.AllPhases }
func (b buggy) Close()                {}

func (b buggy) Attach(filter.Stream, filter.Part) (filter.Part, error) {
	_, err := b.at(filter.PhaseLog)
	return buggyPart{b}, err
}

func (b buggy) at(p filter.Phases) (filter.Action, error) {
	if b.in == p {
		panic("a bug in a filter")
	}
	return filter.ActionContinue, nil
}

type buggyPart struct{ buggy }

func (p buggyPart) RequestHeaders(bool) (filter.Action, error) {
	return p.at(filter.PhaseRequestHeaders)
}
func (p buggyPart) RequestBody(bool) (filter.Action, error) { return p.at(filter.PhaseRequestBody) }
func (p buggyPart) RequestTrailers() (filter.Action, error) { return p.at(filter.PhaseRequestTrailers) }
func (p buggyPart) ResponseHeaders(bool) (filter.Action, error) {
	return p.at(filter.PhaseResponseHeaders)
}
func (p buggyPart) ResponseBody(bool) (filter.Action, error) { return p.at(filter.PhaseResponseBody) }
func (p buggyPart) ResponseTrailers() (filter.Action, error) {
	return p.at(filter.PhaseResponseTrailers)
}
func (p buggyPart) Log() {}

// buggyConn is a client's connection that panics where it is written, or read.
type buggyConn struct {
	http1.Transport
	write, read bool
}

func (b buggyConn) WriteVec(x, y, z []byte) error {
	if b.write {
		panic("a bug in writing")
	}
	return b.Transport.WriteVec(x, y, z)
}

func (b buggyConn) ReadFirst(p sock.BufferPool) (*[]byte, int, error) {
	buf, n, err := b.Transport.ReadFirst(p)
	if b.read {
		panic("a bug in reading")
	}
	return buf, n, err
}

// ended are the records of connections.
type ended chan fault.Kind

func (e ended) Connection(r *tcp.Record) {
	if r.Stream != nil && fault.KindOf(r.Err) == fault.Unknown {
		panic("a stream in an unknown state was shown")
	}
	e <- fault.KindOf(r.Err)
}

// TestPanics: a bug ends the connection it happens on, both sides of it, and leaves
// neither a goroutine nor a connection to the upstream behind.
func TestPanics(t *testing.T) {
	const none = filter.Phases(0)
	for name, c := range map[string]struct {
		in       filter.Phases
		conn     buggyConn
		filtered bool
	}{
		"attaching":           {in: filter.PhaseLog, filtered: true},
		"a new connection":    {in: filter.PhaseRequestHeaders, filtered: true},
		"the client's bytes":  {in: filter.PhaseRequestBody, filtered: true},
		"the way back":        {in: filter.PhaseResponseHeaders, filtered: true},
		"the upstream's":      {in: filter.PhaseResponseBody, filtered: true},
		"reading, filtered":   {none, buggyConn{read: true}, true},
		"writing, filtered":   {none, buggyConn{write: true}, true},
		"reading, unfiltered": {none, buggyConn{read: true}, false},
		"writing, unfiltered": {none, buggyConn{write: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			over := make(chan bool)
			up := coretest.Script(t, func(c *coretest.Peer) {
				c.Say("hello")
				c.Ended()
				close(over)
			})
			var log coretest.Log
			reaper := sock.NewReaper(20 * time.Millisecond)
			defer reaper.Close()
			metrics := observe.NewMetrics("test")
			to := cluster.New(cluster.Options{Name: "up", Endpoints: []string{up.Addr}, Metrics: metrics.Cluster("up"),
				Pool: pool.Options{Connections: 10, ConnectTimeout: coretest.Patience, Reaper: reaper}})
			defer to.Close()
			var links []chain.Link
			if c.filtered {
				links = append(links, chain.Link{Filter: buggy{c.in}})
			}
			records := make(ended, 1)
			client, conn := accepted(t, reaper)
			c.conn.Transport = conn
			k := &tcp.Conn{Options: tcp.Options{Log: slog.New(slog.NewJSONHandler(&log, nil)), Reaper: reaper, Record: records}, Client: c.conn,
				Service: &tcp.Service{Name: "db", Chain: chain.New(links, 1<<20), Cluster: &tcp.Target{Cluster: to}, Pause: coretest.Patience, Buffer: 16 << 10}}
			client.Send("ping")
			served := make(chan bool)
			go func() { defer close(served); k.Serve(); _ = conn.Close() }()
			_, _ = all(client.R)
			<-served
			if up.Connections() > 0 {
				<-over
			}
			if kind := <-records; kind != fault.Unknown {
				t.Errorf("it ended as %v", kind)
			}
			coretest.Eventually(t, "its room is given back", func() bool { return to.Endpoints()[0].Stats().Open == 0 })
			if !log.Has("panic while carrying a connection", "a bug in", `"service":"db"`) {
				t.Errorf("the log: %s", &log)
			}
		})
	}
}

// accepted is a client, and its connection as a listener has it.
func accepted(t *testing.T, reaper *sock.Reaper) (*coretest.Client, *sock.Conn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client := coretest.Dial(t, l.Addr().String())
	nc, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	sc, err := sock.New(nc.(*net.TCPConn), reaper)
	if err != nil {
		t.Fatal(err)
	}
	return client, sc
}
