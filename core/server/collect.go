package server

import (
	"errors"

	"github.com/weirproxy/weir/core/observe"
	"github.com/weirproxy/weir/core/proxy"
)

// showNumbers puts on the metrics page what others count anyway.
func (s *Server) showNumbers() error {
	err := errors.Join(
		s.metrics.Endpoints(s.eachEndpoint),
		s.metrics.Namespaces(s.eachNamespace),
	)
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
					yield(observe.Endpoint{Cluster: name, Address: e.Addr, Active: active, Requests: requests, Faults: faults})
				}
				seen[e.Addr] = true
			}
		}
	})
}

func (s *Server) eachNamespace(yield func(observe.Namespace)) {
	for _, u := range s.state.Usage() {
		yield(observe.Namespace{VM: u.Name, Bytes: u.Bytes, Limit: u.Limit, RateKeys: u.RateKeys, Crowded: u.Crowded})
	}
}
