package server

import (
	"context"
	"errors"
	"slices"
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
	side config.Side
	addr string
}

// wanted are the addresses of a configuration, by side.
func wanted(cfg *config.Config) map[config.Side][]string {
	all := map[config.Side][]string{}
	for _, side := range cfg.Role.Sides() {
		switch side {
		case config.SideGateway:
			all[side] = slices.Concat(cfg.Gateway.Listen, cfg.Gateway.TLSListen)
		case config.SideInbound:
			all[side] = given(cfg.Sidecar.Inbound)
		case config.SideOutbound:
			all[side] = given(cfg.Sidecar.Outbound)
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
	var fresh []*bound
	var problems []error
	for _, side := range cfg.Role.Sides() {
		for _, addr := range wanted(cfg)[side] {
			if s.sockets.find(side, addr) != nil {
				continue
			}
			socket, err := listener.Open(addr)
			if err != nil {
				problems = append(problems, err)
				continue
			}
			l := listener.New(listener.Options{Side: string(side), Proxy: s.proxy, Reaper: s.reaper, Overload: s.overload, Log: s.log,
				Metrics: s.metrics.Listener(string(side))}, socket, s.settings(cfg, side, addr))
			fresh = append(fresh, &bound{l, side, addr})
		}
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

// settings are those of the connections of a side's address.
func (s *Server) settings(cfg *config.Config, side config.Side, addr string) *listener.Settings {
	l, t := cfg.LimitsFor(side), cfg.TimeoutsFor(side)
	out := &listener.Settings{
		HTTP: http1.ServerOptions{
			Limits: http1.Limits{Bytes: int(l.HeadBytes), Count: l.HeadCount, Line: int(l.RequestLine)},
			Window: int(l.StreamBuffer), Head: time.Duration(t.Head), BodyIdle: time.Duration(t.BodyIdle),
			MinRate: int64(t.BodyMinRate), WriteIdle: time.Duration(t.WriteIdle),
		},
		HTTP2: http2.ServerOptions{
			Options: http2.Options{
				Limits:  http1.Limits{Bytes: int(l.HeadBytes), Count: l.HeadCount, Line: int(l.RequestLine)},
				Streams: l.Streams, Window: int(l.StreamBuffer), ConnWindow: http2Window,
				Head: time.Duration(t.Head), BodyIdle: time.Duration(t.BodyIdle), WriteIdle: time.Duration(t.WriteIdle),
				Idle: time.Duration(t.KeepAlive), Now: s.reaper.Now,
			},
			MinRate: int64(t.BodyMinRate), Connect: true,
		},
		KeepAlive: time.Duration(t.KeepAlive), Connections: l.Connections, RequestsPerConn: l.RequestsPerConn,
	}
	if side == config.SideGateway && slices.Contains(cfg.Gateway.TLSListen, addr) {
		out.TLS = s.next
	}
	return out
}

// settle gives the listeners the settings of cfg, and ends those that it does
// not want, in the background: their streams may take their time.
func (s *Server) settle(cfg *config.Config) {
	want := wanted(cfg)
	for _, b := range s.sockets.retain(func(b *bound) bool { return slices.Contains(want[b.side], b.addr) }) {
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Duration(cfg.Timeouts.Drain))
			defer cancel()
			b.Stop(ctx)
		}()
	}
	s.sockets.each(func(b *bound) { b.Set(s.settings(cfg, b.side, b.addr)) })
}

func (k *sockets) find(side config.Side, addr string) *bound {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, b := range k.open {
		if b.side == side && b.addr == addr {
			return b
		}
	}
	return nil
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

// stop ends all of them at once; cut is how many connections did not end by
// themselves.
func (k *sockets) stop(ctx context.Context) (cut int) {
	var all sync.WaitGroup
	var mu sync.Mutex
	for _, b := range k.retain(func(*bound) bool { return false }) {
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
	k.stop(now)
}

// Addrs are the addresses that requests come in at, by side.
func (s *Server) Addrs() map[string][]string {
	all := map[string][]string{}
	s.sockets.each(func(b *bound) { all[string(b.side)] = append(all[string(b.side)], b.Addr().String()) })
	return all
}
