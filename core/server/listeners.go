package server

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/http1"
	"github.com/weirproxy/weir/core/http2"
	"github.com/weirproxy/weir/core/listener"
)

// sockets are the listeners that are open.
type sockets struct {
	mu      sync.Mutex
	open    []*bound
	serving bool
}

// bound is a listener and the address that the configuration has for it.
type bound struct {
	*listener.Listener
	place
}

// place is what the configuration wants a listener for.
type place struct {
	side    config.Side // whose limits hold
	service string      // the TCP service, "" for HTTP
	addr    string
	secure  bool // clients speak TLS
}

// name is the listener's in logs and metrics.
func (p *place) name() string {
	if p.service != "" {
		return p.service
	}
	return string(p.side)
}

// is says whether a listener at p is one for q: the same address, whatever it is for
// now. Port 0 is another port each time.
func (p place) is(q place) bool {
	if strings.HasSuffix(p.addr, ":0") {
		return p == q
	}
	return p.addr == q.addr
}

// wanted are the listeners of a configuration.
func wanted(cfg *config.Config) []place {
	var all []place
	for _, side := range cfg.Role.Sides() {
		var addrs, secured []string
		switch side {
		case config.SideGateway:
			addrs, secured = cfg.Gateway.Listen, cfg.Gateway.TLSListen
		case config.SideInbound:
			addrs = given(cfg.Sidecar.Inbound)
		case config.SideOutbound:
			addrs = given(cfg.Sidecar.Outbound)
		}
		for _, addr := range addrs {
			all = append(all, place{side: side, addr: addr})
		}
		for _, addr := range secured {
			all = append(all, place{side: side, addr: addr, secure: true})
		}
		if addr := twin(cfg, side); addr != "" {
			all = append(all, place{side: side, addr: addr})
		}
	}
	for _, t := range cfg.TCPServices() {
		side, _ := t.Side(cfg.Role)
		for _, addr := range t.Listen {
			all = append(all, place{side: side, service: t.Name, addr: addr})
		}
	}
	return all
}

func given(addr string) []string {
	if addr == "" {
		return nil
	}
	return []string{addr}
}

// openSockets opens what cfg wants and is not open yet: all of it, or nothing.
// What cfg does not want any more is ended by closeOthers.
func (s *Server) openSockets(cfg *config.Config) error {
	if s.lacksIdentity() {
		return nil // they come with the first identity
	}
	var fresh []*bound
	var problems []error
	for _, at := range wanted(cfg) {
		if s.sockets.has(at) {
			continue
		}
		socket, err := listener.Open(at.addr)
		if err != nil {
			problems = append(problems, unbound(cfg, at.key(cfg), err))
			continue
		}
		l := listener.New(listener.Options{Proxy: s.proxy, Reaper: s.reaper, Overload: s.overload, Log: s.log}, socket, s.settings(cfg, at))
		fresh = append(fresh, &bound{l, at})
	}
	if len(problems) > 0 {
		for _, b := range fresh {
			b.Stop(context.Background())
		}
		return errors.Join(problems...)
	}
	s.sockets.add(fresh)
	return nil
}

// http2Window bounds what all streams of an HTTP/2 connection hold of bodies that
// nobody has taken yet, in bytes.
const http2Window = 1 << 20

// settings are those of the connections to a place.
func (s *Server) settings(cfg *config.Config, at place) *listener.Settings {
	side := at.side
	l, t := cfg.LimitsFor(side), cfg.TimeoutsFor(side)
	metrics := s.metrics.Listener(at.name())
	head := headLimits(&l)
	head.Dropped = metrics.DroppedField
	out := &listener.Settings{
		Side: at.name(), TCP: at.service != "", Metrics: metrics,
		HTTP: http1.ServerOptions{
			Limits: head,
			Window: int(l.StreamBuffer), Head: time.Duration(t.Head), BodyIdle: time.Duration(t.BodyIdle),
			MinRate: int64(t.BodyMinRate), WriteIdle: time.Duration(t.WriteIdle),
		},
		HTTP2: http2.ServerOptions{
			Options: http2.Options{
				Limits:  head,
				Streams: l.Streams, Window: int(l.StreamBuffer), ConnWindow: http2Window,
				Head: time.Duration(t.Head), BodyIdle: time.Duration(t.BodyIdle), WriteIdle: time.Duration(t.WriteIdle),
				Idle: time.Duration(t.KeepAlive), Now: s.reaper.Now,
			},
			MinRate: int64(t.BodyMinRate), Connect: true,
		},
		KeepAlive: time.Duration(t.KeepAlive), Connections: l.Connections, RequestsPerConn: l.RequestsPerConn,
		Introduced: prefixes(cfg.Trust.ProxyProtocol), UnknownTo: cfg.UnknownTo(side), Detect: time.Duration(t.Detect),
	}
	s.redirects(cfg, at, out)
	switch {
	case at.secure:
		out.TLS = s.next
	case side == config.SideInbound && cfg.Sidecar.MTLS != config.MTLSOff:
		out.TLS, out.Permissive = s.meshServer(at, l.Streams > 0), cfg.Sidecar.MTLS == config.MTLSPermissive
	}
	return out
}

// headLimits are those of a request's head.
func headLimits(l *config.Limits) http1.Limits {
	underscores, _ := http1.ParseUnderscores(l.Underscores)
	return http1.Limits{Bytes: int(l.HeadBytes), Count: l.HeadCount, Line: int(l.RequestLine), Underscores: underscores}
}

// settle gives the listeners the settings of cfg, and ends those that it does
// not want, in the background: their streams may take their time.
func (s *Server) settle(cfg *config.Config) {
	want := wanted(cfg)
	s.sockets.move(want)
	for _, b := range s.sockets.retain(func(b *bound) bool { return slices.Contains(want, b.place) }) {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(cfg.Timeouts.Drain))
			defer cancel()
			b.Stop(ctx)
		}()
	}
	s.sockets.each(func(b *bound) { b.Set(s.settings(cfg, b.place)) })
}

func (k *sockets) has(at place) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.ContainsFunc(k.open, func(b *bound) bool { return b.is(at) })
}

func (k *sockets) add(fresh []*bound) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.open = append(k.open, fresh...)
	if k.serving {
		for _, b := range fresh {
			go b.Serve()
		}
	}
}

// move gives listeners the places they are wanted for now. One that moves is
// another value: whoever lists them may be looking at the old.
func (k *sockets) move(want []place) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, b := range k.open {
		if to := slices.IndexFunc(want, b.is); to >= 0 && !slices.Contains(want, b.place) {
			k.open[i] = &bound{b.Listener, want[to]}
		}
	}
}

// retain keeps those that keep says, and answers the others.
func (k *sockets) retain(keep func(*bound) bool) (others []*bound) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.open = slices.DeleteFunc(k.open, func(b *bound) bool {
		if keep(b) {
			return false
		}
		others = append(others, b)
		return true
	})
	return others
}

func (k *sockets) each(do func(*bound)) {
	k.mu.Lock()
	all := slices.Clone(k.open)
	k.mu.Unlock()
	for _, b := range all {
		do(b)
	}
}

func (k *sockets) serve() {
	k.mu.Lock()
	k.serving = true
	k.mu.Unlock()
	k.each(func(b *bound) { go b.Serve() })
}

func (k *sockets) drain() { k.each(func(b *bound) { b.Drain() }) }

// everything is each socket.
func everything(*bound) bool { return true }

// stop ends those that which says, at once; cut is how many connections did not end by
// themselves.
func (k *sockets) stop(ctx context.Context, which func(*bound) bool) (cut int) {
	var all sync.WaitGroup
	var mu sync.Mutex
	for _, b := range k.retain(func(b *bound) bool { return !which(b) }) {
		all.Go(func() {
			n := b.Stop(ctx)
			mu.Lock()
			cut += n
			mu.Unlock()
		})
	}
	all.Wait()
	return cut
}

// close ends what is still open, at once.
func (k *sockets) close() {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	k.stop(now, everything)
}

// Addrs are the addresses that requests come in at, by side, and those of TCP
// services by their names.
func (s *Server) Addrs() map[string][]string {
	all := map[string][]string{}
	s.sockets.each(func(b *bound) { all[b.name()] = append(all[b.name()], b.Addr().String()) })
	return all
}

// Secure says whether clients speak TLS at one of these addresses.
func (s *Server) Secure(addr string) (secure bool) {
	s.sockets.each(func(b *bound) { secure = secure || b.secure && b.Addr().String() == addr })
	return secure
}
