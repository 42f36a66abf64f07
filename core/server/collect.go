package server

import (
	"errors"
	"slices"
	"strings"

	"github.com/weirproxy/weir/core/abi/proxywasm"
	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/proxy"
)

// showNumbers puts on the metrics page what others count anyway.
func (s *Server) showNumbers() error {
	err := errors.Join(
		s.metrics.Endpoints(s.eachEndpoint),
		s.metrics.Namespaces(s.eachNamespace),
		s.metrics.Memory(s.memory),
		s.metrics.Filters(s.eachFilter),
		s.metrics.Certificates(s.eachCertificate),
		s.metrics.Providers(s.eachProvider),
		s.metrics.Store(s.storeNumbers),
		s.metrics.Spans(s.countSpans),
	)
	if s.member != nil {
		err = errors.Join(err, s.metrics.Identity(s.renewals))
	}
	if s.access.log != nil {
		err = errors.Join(err, s.metrics.AccessLog(s.access.log))
	}
	return err
}

func (s *Server) eachEndpoint(yield func(observe.Endpoint)) {
	s.proxy.Snapshot(func(snap *proxy.Snapshot) {
		for name, c := range snap.Clusters {
			seen := map[string]bool{} // an address may stand twice, for twice the share
			for _, e := range c.Endpoints() {
				if !seen[e.Addr] {
					active, requests, faults := e.Numbers()
					d := c.Condition(e)
					yield(observe.Endpoint{
						Cluster: name, Address: e.Addr, Active: active, Requests: requests, Faults: faults,
						Healthy: d.Health.Healthy, Checks: d.Health.Checks, CheckFailures: d.Health.Failures,
						Ejected: d.Ejected, Ejections: d.Ejections,
					})
				}
				seen[e.Addr] = true
			}
		}
	})
}

// eachFilter yields each name once. While a reload's old version of a filter
// still has streams there are two: their numbers add up.
func (s *Server) eachFilter(yield func(observe.Filter)) {
	stats := s.filterStats()
	for i := 0; i < len(stats); {
		f := observe.Filter{Name: stats[i].Name}
		for ; i < len(stats) && stats[i].Name == f.Name; i++ {
			v := &stats[i]
			f.Streams += v.Streams
			f.CPU += v.CPU.Seconds()
			f.Traps += v.Traps
			f.Unavailable += v.Unavailable
			f.Calls += v.Calls
			f.LogDropped += v.LogDropped
			f.Lanes += len(v.Lanes)
			for _, l := range v.Lanes {
				f.Memory += int64(l.Memory)
			}
		}
		yield(f)
	}
}

// filterStats are those of all filters of both ABIs, by name.
func (s *Server) filterStats() []proxywasm.FilterStats {
	stats := s.filters.Stats()
	for _, f := range s.httpFilters.Stats() {
		stats = append(stats, proxywasm.FilterStats{
			Name: f.Name, Module: f.Module, Streams: f.Streams, CPU: f.CPU, Traps: f.Traps,
			Unavailable: f.Unavailable, LogDropped: f.LogDropped, Quarantined: f.Quarantined, Lanes: f.Lanes,
		})
	}
	slices.SortStableFunc(stats, func(a, b proxywasm.FilterStats) int { return strings.Compare(a.Name, b.Name) })
	return stats
}

func (s *Server) eachNamespace(yield func(observe.Namespace)) {
	for _, u := range s.state.Usage() {
		yield(observe.Namespace{
			VM: u.Name, Bytes: u.Bytes, Limit: u.Limit, RateKeys: u.RateKeys, Crowded: u.Crowded,
			Circuits: u.Circuits, Broken: u.Broken,
		})
	}
}
