package server

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/listener"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/sock"
	"github.com/weirproxy/weir/core/tcp"
)

// elsewhere finds who has the destinations that clients of a side meant, when they were
// redirected here.
type elsewhere struct {
	server   *Server
	inbound  bool
	pass     bool               // where nobody has it, it is connected to
	guarded  bool               // but for what is not HTTP, which would go past filters of security
	app      uint16             // port of the app
	hints    map[string]string  // by port
	clusters []*cluster.Cluster // by name
}

func (b *builder) elsewhere(side config.Side, clusters map[string]*cluster.Cluster) *elsewhere {
	c := &b.cfg.Sidecar
	if side == config.SideGateway || side == config.SideInbound && !c.Intercept.On() {
		return nil
	}
	e := &elsewhere{server: b.server, inbound: side == config.SideInbound, pass: c.Unknown == "pass", hints: c.Intercept.Ports}
	_, port, _ := net.SplitHostPort(c.App)
	e.app = portOf(port)
	for name, cl := range clusters {
		if name != config.AppCluster {
			e.clusters = append(e.clusters, cl)
		}
	}
	slices.SortFunc(e.clusters, func(a, b *cluster.Cluster) int { return cmp.Compare(a.Name, b.Name) })
	return e
}

// request is what a side does with requests of redirected connections.
func (e *elsewhere) request(b *builder, side config.Side, held int64, snap *proxy.Snapshot) *proxy.Elsewhere {
	if e.inbound { // what has no route there is nobody's
		return &proxy.Elsewhere{App: snap.Clusters[config.AppCluster], Find: e.port}
	}
	r := config.PassRoute(side)
	out := &proxy.Elsewhere{Route: b.route(&r, side, held, snap), Named: true, Service: b.cfg.UnknownTo(side)}
	out.Find = func(original string) *cluster.Cluster {
		if c := e.owner(original); c != nil || !e.pass {
			return c
		}
		return e.server.passing.to(original)
	}
	return out
}

// port is the cluster of a port of this machine beside the app's, nil for the app's.
func (e *elsewhere) port(original string) *cluster.Cluster {
	if a, err := netip.ParseAddrPort(original); err != nil || a.Port() == e.app {
		return nil
	}
	return e.server.passing.to(original)
}

// connection is the cluster that a connection which is not HTTP goes to, nil for none.
// last says that no other cluster would take it.
func (e *elsewhere) connection(original string, last bool) *cluster.Cluster {
	switch {
	case !e.inbound:
		if c := e.owner(original); c != nil {
			return c
		}
		if !e.pass || !last {
			return nil
		}
	case (!e.pass || e.guarded) && e.hints[portIn(original)] != "tcp", portOf(portIn(original)) == e.app && !last:
		return nil
	}
	return e.server.passing.to(original)
}

// owner is the first cluster, by name, that has a destination among its endpoints.
func (e *elsewhere) owner(original string) *cluster.Cluster {
	at, err := netip.ParseAddrPort(original)
	for _, c := range e.clusters {
		for _, p := range c.Endpoints() {
			if p.Addr == original || err == nil && p.IP == at {
				return c
			}
		}
	}
	return nil
}

// service makes the TCP service of a side that has none of its own, or has a side's own
// service ask for destinations.
func (b *builder) unknownTo(side config.Side, snap *proxy.Snapshot) {
	e := b.elsewhere(side, snap.Clusters)
	if e == nil {
		return
	}
	set := &snap.TCP
	s := set.Services[b.cfg.UnknownTo(side)]
	if s == nil {
		e.guarded = b.cfg.Guarded(side)
		t := config.PassService(side)
		s = b.service(&t, set)
		set.Services[t.Name] = s
	}
	last := s.Cluster == nil
	s.Elsewhere = func(original string) *tcp.Target {
		c := e.connection(original, last)
		if c == nil {
			return nil
		}
		if t := set.Target(c.Name); t != nil && t.Cluster == c {
			return t
		}
		return &tcp.Target{Cluster: c}
	}
}

// redirects gives a listener of the sidecar's what it needs for connections and requests
// that are meant for somebody else.
func (s *Server) redirects(cfg *config.Config, at place, to *listener.Settings) {
	if at.service != "" || at.side == config.SideGateway {
		return
	}
	r := s.redirect(cfg, at)
	if cfg.Sidecar.Intercept.On() {
		to.Redirect = r
	}
	if at.side == config.SideOutbound {
		to.Connect = r
	}
}

func (s *Server) redirect(cfg *config.Config, at place) *listener.Redirect {
	r := &listener.Redirect{Own: s.owns, UnknownTo: cfg.UnknownTo(at.side), Hints: map[uint16]listener.Hint{}}
	if r.UnknownTo == "" {
		r.UnknownTo = string(at.side)
	}
	for port, hint := range cfg.Sidecar.Intercept.Ports {
		switch hint {
		case "http":
			r.Hints[portOf(port)] = listener.HintHTTP
		case "tcp":
			r.Hints[portOf(port)] = listener.HintTCP
		}
	}
	return r
}

// owns says whether an address is one of our listeners'.
func (s *Server) owns(a netip.AddrPort) (own bool) {
	s.sockets.each(func(b *bound) {
		if at, ok := b.Addr().(*net.TCPAddr); ok && at.Port == int(a.Port()) {
			own = own || at.IP.Equal(a.Addr().AsSlice()) || at.IP.IsUnspecified()
		}
	})
	return own && ofThisMachine(a.Addr())
}

// ofThisMachine says whether an address is one of our interfaces'.
func ofThisMachine(a netip.Addr) bool {
	if a.Is4() && a.IsLoopback() {
		return true
	}
	all, err := net.InterfaceAddrs()
	return err != nil || slices.ContainsFunc(all, func(n net.Addr) bool {
		i, ok := n.(*net.IPNet)
		return ok && i.IP.Equal(a.AsSlice())
	})
}

// setMark marks our own connections, so that they are not redirected to us.
func (s *Server) setMark(cfg *config.Config) error {
	i := &cfg.Sidecar.Intercept
	if !cfg.Role.Has(config.SideOutbound) || !i.On() {
		return nil
	}
	if err := sock.SetMark(uint32(i.Mark)); err != nil {
		return fmt.Errorf("sidecar.intercept.mark: %w; give the process the capability CAP_NET_ADMIN, or set mark = 0 and let exclude.uids name a user of its own", err)
	}
	return nil
}

func portIn(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

func portOf(port string) uint16 {
	n, _ := strconv.ParseUint(port, 10, 16)
	return uint16(n)
}

// twin is where redirected connections of IPv6 come to, beside those of IPv4 that come to
// a loopback address; "" where there are none.
func twin(cfg *config.Config, side config.Side) string {
	host, port, _ := net.SplitHostPort(cfg.Sidecar.Outbound)
	if side != config.SideOutbound || !cfg.Sidecar.Intercept.On() || host != "127.0.0.1" || port == "0" || !ofThisMachine(netip.IPv6Loopback()) {
		return ""
	}
	return net.JoinHostPort("::1", port)
}
