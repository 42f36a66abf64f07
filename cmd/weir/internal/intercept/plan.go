package intercept

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"github.com/weirproxy/weir/core/config"
)

// plan is what is redirected. A list that is empty excludes nothing.
type plan struct {
	backend           string
	inbound, outbound int // ports of the sidecar, 0 for none
	mark              int // of the sidecar's own connections, 0 for none
	uids, gids        []int
	reached, dialed   []int          // ports of this machine, of others, that are left alone
	networks          []netip.Prefix // of others
}

func newPlan(cfg *config.Config) (*plan, error) {
	s := &cfg.Sidecar
	x := &s.Intercept.Exclude
	p := &plan{backend: s.Intercept.Backend, mark: s.Intercept.Mark, uids: sorted(x.UIDs), gids: sorted(x.GIDs), dialed: sorted(x.OutboundPorts)}
	for _, side := range []struct {
		key, addr string
		port      *int
	}{{"inbound", s.Inbound, &p.inbound}, {"outbound", s.Outbound, &p.outbound}} {
		*side.port = portOf(side.addr)
		if side.addr != "" && *side.port == 0 {
			return nil, fmt.Errorf("sidecar.%s: %q has a port that is not known before it is opened; name one", side.key, side.addr)
		}
	}
	// Whoever connects to a listener of ours means it.
	p.reached = slices.Clone(x.InboundPorts)
	own := slices.Concat([]string{s.Inbound, s.Outbound}, cfg.Gateway.Listen, cfg.Gateway.TLSListen)
	if !cfg.Role.Has(config.SideGateway) {
		own = own[:2]
	}
	for _, t := range cfg.TCPServices() {
		own = append(own, t.Listen...)
	}
	for _, addr := range own {
		if port := portOf(addr); port != 0 && !config.Loopback(addr) {
			p.reached = append(p.reached, port)
		}
	}
	p.reached = sorted(p.reached)
	for _, n := range x.Networks {
		prefix, err := netip.ParsePrefix(n)
		if err != nil {
			return nil, fmt.Errorf("sidecar.intercept.exclude.networks: %w", err)
		}
		p.networks = append(p.networks, prefix.Masked())
	}
	return p, nil
}

func sorted(list []int) []int { return slices.Compact(slices.Sorted(slices.Values(list))) }

// portOf is the port of "host:port", 0 for none.
func portOf(addr string) int {
	_, port, _ := net.SplitHostPort(addr)
	n, _ := strconv.ParseUint(port, 10, 16)
	return int(n)
}

// of are the networks of one version of IP.
func (p *plan) of(v6 bool) (list []netip.Prefix) {
	for _, n := range p.networks {
		if n.Addr().Is6() == v6 {
			list = append(list, n)
		}
	}
	return list
}
