package server

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/cluster"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/discovery"
	"github.com/weirproxy/weir/core/discovery/dns"
	"github.com/weirproxy/weir/core/discovery/file"
)

// filePeriod is how often files of endpoints are looked at where the system does
// not tell of their changes.
const filePeriod = 5 * time.Second

const fileSource = "file"

// openSources makes the sources that need nothing of the configuration.
func (s *Server) openSources() {
	s.sources = discovery.NewRegistry(s.log)
	s.sources.Add(fileSource, file.New(s.log, filePeriod))
}

// sourceOf is the source that a table names, and what it is asked.
func (s *Server) sourceOf(c *sharedCluster) (source, service string) {
	d := c.table.Discover
	if d.File != "" {
		return fileSource, d.File
	}
	if c.provider != nil {
		name := "provider " + d.Provider
		s.sources.Add(name, c.provider.Provider) // in the place of one with another table
		return name, d.Service
	}
	o := dns.Options{Server: d.Server, Refresh: time.Duration(d.Refresh), Log: s.log}
	name := fmt.Sprintf("dns of %q every %v", o.Server, o.Refresh)
	if !s.sources.Has(name) {
		s.sources.Add(name, dns.New(o))
	}
	return name, d.DNS + d.SRV // of which one is given
}

// discover has the endpoints of a cluster told to it. A configuration that is only
// looked at asks nobody.
func (s *Server) discover(c *sharedCluster) error {
	if s.sources == nil {
		return nil
	}
	source, service := s.sourceOf(c)
	first := true
	sub, err := s.sources.Subscribe(source, service, func(list []discovery.Endpoint) {
		did := c.Update(list)
		if first || did != (cluster.Change{}) {
			s.log.Info("endpoints are discovered", "cluster", c.Name, "service", service,
				"endpoints", len(c.Endpoints()), "added", did.Added, "removed", did.Removed, "changed", did.Changed)
		}
		first = false
	})
	c.found, c.asked = sub, time.Now()
	return err
}

// awaitEndpoints waits until the sources of all clusters have answered, each for as
// long as its table says, since it was asked first.
func (s *Server) awaitEndpoints(ctx context.Context) {
	for _, c := range s.clusters.all() {
		if c.found == nil {
			continue
		}
		t := time.NewTimer(time.Until(c.waitsUntil()))
		select {
		case <-c.found.Known():
		case <-ctx.Done():
		case <-s.ending.Done():
		case <-t.C:
			if d := c.found.State(); d.Changed.IsZero() {
				s.log.Warn("endpoints are not known yet: requests to the cluster are refused", "cluster", c.Name, "service", d.Service, "waited", time.Duration(c.table.Discover.Wait), "err", d.Err)
			}
		}
		t.Stop()
	}
}

// waitsUntil is when its source's first answer is waited for no longer.
func (c *sharedCluster) waitsUntil() time.Time {
	return c.asked.Add(time.Duration(c.table.Discover.Wait))
}

// listed are the endpoints that a table names.
func listed(t *config.Cluster) []discovery.Endpoint {
	list := make([]discovery.Endpoint, len(t.Endpoints))
	for i, e := range t.Endpoints {
		list[i] = discovery.Endpoint{Addr: e.Address, Weight: uint32(max(e.Weight, 1))}
	}
	return list
}

// hashOf is what a cluster's requests are hashed by.
func hashOf(t *config.Cluster) cluster.Hash {
	if t.Hash == nil {
		return cluster.Hash{}
	}
	kind, name, _ := strings.Cut(t.Hash.By, ":")
	switch kind {
	case "client_ip":
		return cluster.Hash{By: cluster.HashClientIP}
	case "path":
		return cluster.Hash{By: cluster.HashPath}
	case "header":
		return cluster.Hash{By: cluster.HashHeader, Name: strings.ToLower(name)}
	}
	return cluster.Hash{By: cluster.HashCookie, Name: name}
}

// discoveryView is how a cluster's endpoints are found, as the admin's door shows it.
type discoveryView struct {
	Service string     `json:"service"`
	Changed *time.Time `json:"changed,omitempty"` // null before the first answer
	Error   string     `json:"error,omitempty"`   // why nothing is heard now
}

// found are the subscriptions of clusters that have one.
func (cs *clusters) found() map[*cluster.Cluster]*discovery.Subscription {
	found := map[*cluster.Cluster]*discovery.Subscription{}
	for _, c := range cs.all() {
		if c.found != nil {
			found[c.Cluster] = c.found
		}
	}
	return found
}

func viewDiscovery(sub *discovery.Subscription) *discoveryView {
	if sub == nil {
		return nil
	}
	d := sub.State()
	v := &discoveryView{Service: d.Service}
	if !d.Changed.IsZero() {
		v.Changed = &d.Changed
	}
	if d.Err != nil {
		v.Error = d.Err.Error()
	}
	return v
}
