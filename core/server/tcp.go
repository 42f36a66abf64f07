package server

import (
	"time"

	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/proxy"
	"github.com/weirproxy/weir/core/tcp"
)

// services makes the TCP services of the role.
func (b *builder) services(snap *proxy.Snapshot) {
	set := &snap.TCP
	set.Services, set.Targets = map[string]*tcp.Service{}, map[string]*tcp.Target{}
	for name, c := range snap.Clusters {
		set.Targets[name] = &tcp.Target{Cluster: c, Header: headerVersion(b.cfg.Clusters[name].ProxyProtocol)}
	}
	for _, t := range b.cfg.TCPServices() {
		set.Services[t.Name] = b.service(&t, set)
	}
	for _, side := range b.cfg.Role.Sides() {
		b.unknownTo(side, snap)
	}
}

func (b *builder) service(t *config.TCP, set *tcp.Set) *tcp.Service {
	side, _ := t.Side(b.cfg.Role)
	l, wait := b.cfg.LimitsFor(side), b.cfg.TimeoutsFor(side)
	s := &tcp.Service{
		Name: t.Name, Listener: t.Name, Node: nodeID(b.cfg),
		Chain:   b.chain("tcp", int64(l.FilterBody), plain(t.Filters), true),
		Cluster: set.Target(t.Cluster), Retries: t.Retries,
		Hello: time.Duration(wait.Head), Idle: orNone(t.Idle), MaxAge: orNone(t.MaxAge), Pause: time.Duration(wait.Pause),
		Buffer: int(l.StreamBuffer), Metrics: b.server.metrics.TCP(t.Name),
	}
	if len(t.SNI) > 0 {
		s.Names = new(tcp.Names)
		for _, n := range t.SNI {
			for _, host := range n.Hosts {
				s.Names.Add(host, set.Target(n.Cluster))
			}
		}
	}
	return s
}

func headerVersion(key string) byte {
	switch key {
	case "v1":
		return 1
	case "v2":
		return 2
	}
	return 0
}
