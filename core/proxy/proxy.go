package proxy

import (
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/weirproxy/weir/core/chain"
	"github.com/weirproxy/weir/core/overload"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/trace/otlp"
)

// Proxy carries streams by the current snapshot.
type Proxy struct {
	current  current
	log      *slog.Logger
	reaper   *sock.Reaper
	overload *overload.Monitor
	record   Recorder
	spans    *otlp.Exporter
	pool     sync.Pool // of *exchange
	ids      atomic.Uint64
	mirrors  mirrors
}

// Options make a Proxy.
type Options struct {
	Log      *slog.Logger
	Reaper   *sock.Reaper
	Overload *overload.Monitor // nil: memory is never short
	Record   Recorder
	Spans    *otlp.Exporter // nil: streams leave no spans
}

// New makes a proxy that serves snapshot s.
func New(o Options, s *Snapshot) *Proxy {
	p := &Proxy{log: o.Log, reaper: o.Reaper, overload: o.Overload, record: o.Record, spans: o.Spans}
	p.pool.New = func() any { return &exchange{proxy: p, st: chain.NewStream()} }
	p.current.swap(s)
	return p
}

// Swap lets every stream from now on go by s. The snapshot before is closed
// when its last stream has ended.
func (p *Proxy) Swap(s *Snapshot) { p.current.swap(s) }

// Snapshot calls do with the current snapshot, which cannot be closed
// meanwhile.
func (p *Proxy) Snapshot(do func(s *Snapshot)) {
	s := p.current.acquire()
	defer s.release()
	do(s)
}

// Close lets go of the current snapshot. No stream may begin any more.
func (p *Proxy) Close() {
	if s := p.current.p.Swap(nil); s != nil {
		s.release()
	}
}
