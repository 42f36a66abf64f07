package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirproxy/weir/core/abi/httpwasm"
	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/identity"
	"github.com/weirproxy/weir/core/identity/enroll"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/overload"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/source"
	"github.com/weirproxy/weir/core/state"
	"github.com/weirproxy/weir/core/trace/otlp"
	"github.com/weirproxy/weir/core/wasm"
)

// Options make a Server.
type Options struct {
	File      string // the configuration's path
	Overrides config.Overrides
	// Change alters the configuration whenever it was read. nil leaves it as it is.
	Change   func(*config.Config) (*config.Config, error)
	Builtins Builtins
	Version  string
	Stderr   io.Writer // for the process's own log; nil: it is discarded

	// Ready is called once requests are taken, if it is not nil.
	Ready func()
	// Leave is called at the end, when nothing comes in any more, if it is not nil. While
	// it runs, what the service beside us asks for is still carried.
	Leave func()

	// Offline has [Check] fetch no module: filters whose modules are not kept on
	// this machine are not looked at.
	Offline bool
	// Explain answers POST /explain at the admin's address, by what runs; nil: nobody
	// does.
	Explain func(ctx context.Context, r Running, question io.Reader) (any, error)
	// Told is given a line about each module of another machine, if it is not nil.
	Told func(line string)
	// Noted is given what [Check] finds accepted, but hardly meant, if it is not nil.
	Noted func(config.Problem)
}

// load reads the configuration.
func (o *Options) load() (*config.Config, error) {
	cfg, err := config.Load(o.File, o.Overrides)
	if err != nil || o.Change == nil {
		return cfg, err
	}
	return o.Change(cfg)
}

// Server is one proxy process.
type Server struct {
	opt     Options
	log     *slog.Logger
	level   *slog.LevelVar
	started time.Time

	// These live as long as the process.
	reaper      *sock.Reaper
	overload    *overload.Monitor
	metrics     *observe.Metrics
	access      accessLog
	engine      *wasm.Engine
	state       *state.Store
	filters     *proxywasm.Host
	httpFilters *httpwasm.Host
	caller      *proxy.Caller
	proxy       *proxy.Proxy
	spans       *otlp.Exporter

	tickets  identity.Tickets
	identity atomic.Pointer[identity.Server] // of what runs, nil without listeners with TLS
	next     *identity.Server                // of what was built last; guarded by reload
	acme     atomic.Pointer[identity.ACME]   // nil without
	nextACME *identity.ACME                  // as next

	workload *identity.Workload // who we are in the mesh, nil where nothing asks
	member   *enroll.Member     // who gets that from an authority, nil without

	fleet     fleet
	nextStore *sharedProvider // of limits, nil without; as next

	nextReceiver *otlp.Target // of spans, nil without; as next

	clusters   clusters
	passing    passing
	providers  providers
	sources    *discovery.Registry // nil where a configuration is only looked at
	gates      map[string]*proxy.Gate
	sockets    sockets
	admin      adminDoor
	explaining sync.Mutex // held while a question is answered: each takes memory and time
	ready      atomic.Bool
	draining   atomic.Bool
	ending     context.Context // is over when the process lets go of all
	end        context.CancelFunc

	reload    sync.Mutex // one at a time
	foresight foresight
	seen      seen           // the files that were read last; guarded by reload
	modules   *source.Loaded // the modules that were asked for last; guarded by reload
	own       ownModule      // begun to be read for the first build; nil from there on
	cfg       atomic.Pointer[config.Config]
	loaded    atomic.Int64 // when cfg was taken, Unix nanoseconds
}

// reaperPeriod is how late a time-out of a connection may come.
const reaperPeriod = 20 * time.Millisecond

// New reads the configuration, builds all it asks for, and opens its sockets.
// The error names everything that is wrong.
func New(ctx context.Context, o Options) (*Server, error) {
	own := readOwn(o.Builtins)
	was := look(o.File)
	cfg, err := o.load()
	if err != nil {
		return nil, err
	}
	s, err := begin(o, cfg)
	if err != nil {
		return nil, err
	}
	s.own, s.seen = own, newSeen(o.File, was)
	s.openSources()
	snap, err := s.build(ctx, cfg)
	if err != nil {
		s.close()
		return nil, err
	}
	s.proxy = proxy.New(proxy.Options{Log: s.log, Reaper: s.reaper, Overload: s.overload, Record: s, Spans: s.spans}, snap)
	for _, open := range []func(*config.Config) error{s.setMark, s.openAccessLog, s.openMember, s.openSockets, s.openAdmin} {
		if err := open(cfg); err != nil {
			s.close()
			return nil, err
		}
	}
	if err := s.showNumbers(); err != nil {
		s.close()
		return nil, err
	}
	s.commit(cfg)
	return s, nil
}

// Check builds all that the configuration asks for, and throws it away. The
// error names everything that is wrong.
func Check(ctx context.Context, o Options) error {
	cfg, err := o.load()
	if err != nil {
		return err
	}
	s, err := begin(o, cfg)
	if err != nil {
		return err
	}
	defer s.close()
	s.seen = newSeen(o.File, sight{})
	snap, err := s.build(ctx, cfg)
	if err != nil {
		return err
	}
	if o.Noted != nil {
		note(cfg, o.Builtins, snap, o.Noted)
	}
	snap.Close()
	return nil
}

// begin makes what lives as long as the process.
func begin(o Options, cfg *config.Config) (*Server, error) {
	log, level, err := logger(o.Stderr, cfg)
	if err != nil {
		return nil, err
	}
	s := &Server{opt: o, log: log, level: level, started: time.Now(), gates: map[string]*proxy.Gate{}, spans: otlp.NewExporter(log), foresight: newForesight()}
	s.ending, s.end = context.WithCancel(context.Background())
	s.caller = proxy.NewCaller(log, s.spans)
	if s.engine, err = OpenEngine(cfg, log); err != nil {
		return nil, err
	}
	s.reaper = sock.NewReaper(reaperPeriod)
	s.overload = overload.New(overload.Options{Log: log})
	s.metrics = observe.NewMetrics(o.Version)
	s.state = state.New(state.Options{})
	s.openPassing()
	s.openHosts(s.caller, nil, cfg, o.Version)
	return s, nil
}

func logger(w io.Writer, cfg *config.Config) (*slog.Logger, *slog.LevelVar, error) {
	if w == nil {
		return slog.New(slog.DiscardHandler), new(slog.LevelVar), nil
	}
	format := cfg.Log.Format
	if format == "auto" {
		format = "" // by what w is
	}
	return observe.NewLogger(w, cfg.Log.Level, format)
}

// OpenEngine starts the Wasm engine. A cache that the configuration names has
// to work; the user's own, which is the default, is left out where it does not:
// a service account may have no home to write to.
func OpenEngine(cfg *config.Config, log *slog.Logger) (*wasm.Engine, error) {
	o := wasm.Options{Log: log}
	switch cfg.Wasm.Cache {
	case "off":
		return wasm.New(o)
	case "":
		dir, err := os.UserCacheDir()
		if err == nil {
			o.CacheDir = filepath.Join(dir, "weir")
			var e *wasm.Engine
			if e, err = wasm.New(o); err == nil {
				return e, nil
			}
		}
		log.Warn("filters are compiled at each start: there is no place to keep them; set wasm.cache to a folder", "err", err)
		o.CacheDir = ""
	default:
		o.CacheDir = cfg.Wasm.Cache
	}
	return wasm.New(o)
}

// commit takes note that cfg is what runs.
func (s *Server) commit(cfg *config.Config) {
	s.applyLimits(cfg)
	s.applyOverload(cfg)
	s.identity.Store(s.next)
	s.useACME(s.nextACME)
	s.spans.Use(s.nextReceiver)
	s.useStore(cfg, s.nextStore)
	_ = s.level.UnmarshalText([]byte(cfg.Log.Level)) // it was checked when it was read
	s.cfg.Store(cfg)
	s.clusters.watch()
	s.loaded.Store(time.Now().UnixNano())
}

// Run serves until ctx is over, then drains. It answers nil after an orderly
// end, also one in which connections had to be cut.
func (s *Server) Run(ctx context.Context) error {
	defer s.close()
	beside, stop := context.WithCancel(context.Background())
	defer stop()
	go s.admin.serve()
	go s.housekeep(beside)
	go s.overload.Run(beside)
	go s.watch(beside)
	go s.refresh(beside)
	if s.member != nil {
		go s.member.Run(beside)
	}
	if err := s.awaitIdentity(ctx, beside); err != nil || ctx.Err() != nil {
		return err
	}
	s.sockets.serve()
	s.awaitEndpoints(ctx)
	s.ready.Store(true)
	if a := s.acme.Load(); a != nil {
		a.Run()
	}
	s.log.Info("ready", "role", string(s.cfg.Load().Role), "listen", s.Addrs(), "admin", s.AdminAddr(), "took", time.Since(s.started).Round(time.Millisecond))
	if s.opt.Ready != nil {
		s.opt.Ready()
	}
	<-ctx.Done()
	s.drain()
	return nil
}

// housekeep does what has to be done now and then.
func (s *Server) housekeep(ctx context.Context) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	// Starting took much that nothing needs from here on. To give it back takes
	// milliseconds, which the first requests need not wait for.
	var once sync.Once
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			once.Do(func() { debug.FreeOSMemory(); giveBackImages() })
			s.passing.sweep(time.Now())
			s.clusters.sweep()
			s.state.Sweep()
			s.refreshIdentity()
		}
	}
}

// drain ends what runs in the order that loses nothing: first who sends
// requests here learns to stop, then nothing new is accepted, then what is
// under way ends, within a bound.
func (s *Server) drain() {
	t := s.cfg.Load().Timeouts
	s.draining.Store(true)
	s.ready.Store(false)
	s.sockets.drain()
	s.log.Info("draining", "delay", time.Duration(t.DrainDelay), "at_most", time.Duration(t.Drain))
	time.Sleep(time.Duration(t.DrainDelay))
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(t.Drain))
	defer cancel()
	cut := s.leave(ctx)
	ctx, cancel = context.WithTimeout(context.Background(), time.Duration(t.Drain))
	defer cancel()
	cut += s.sockets.stop(ctx, everything)
	s.sendSpans(ctx)
	if cut > 0 {
		s.log.Warn("drained, cutting what did not end in time", "connections", cut)
		return
	}
	s.log.Info("drained")
}

// leave ends what comes in, and then the service beside us, which may have to ask others
// until it has ended. It answers how many connections were cut.
func (s *Server) leave(ctx context.Context) (cut int) {
	if s.opt.Leave == nil {
		return 0
	}
	cut = s.sockets.stop(ctx, func(b *bound) bool { return b.side != config.SideOutbound })
	s.opt.Leave()
	return cut
}

// close gives everything back.
func (s *Server) close() {
	s.end()
	s.sockets.close()
	s.admin.close()
	if s.proxy != nil {
		s.proxy.Close()
	}
	s.fleet.running.Wait()
	s.passing.close()
	s.providers.ending.Wait()
	s.filters.Close()
	s.httpFilters.Close()
	s.foresight.running.Wait()
	if err := s.engine.Close(); err != nil {
		s.log.Error("closing the Wasm engine", "err", fmt.Sprint(err))
	}
	s.access.close()
	s.sendSpans(ended) // there are none but after a start that failed
	s.useACME(nil)
	s.reaper.Close()
}
