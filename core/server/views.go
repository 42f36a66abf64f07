package server

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/admin"
	"github.com/weirproxy/weir/core/cluster/pool"
	"github.com/weirproxy/weir/core/config"
	"github.com/weirproxy/weir/core/listener"
	"github.com/weirproxy/weir/core/proxy"
)

// views is the server as the admin's door shows it.
type views struct{ *Server }

var _ admin.Source = views{}

// adminDoor is the admin listener, nil when there is none.
type adminDoor struct{ *admin.Server }

func (s *Server) openAdmin(cfg *config.Config) error {
	if cfg.Admin.Listen == "" {
		return nil
	}
	a, err := admin.Open(cfg.Admin.Listen, views{s})
	if err != nil {
		return unbound(cfg, "admin.listen", err)
	}
	s.admin.Server = a
	return nil
}

func (a *adminDoor) serve() {
	if a.Server != nil {
		_ = a.Serve() // it ends by Close alone
	}
}

func (a *adminDoor) close() {
	if a.Server != nil {
		_ = a.Close()
	}
}

// AdminAddr is where the admin's door is, "" when there is none.
func (s *Server) AdminAddr() string {
	if s.admin.Server == nil {
		return ""
	}
	return s.admin.Addr().String()
}

// Metrics is Prometheus' page.
func (v views) Metrics() http.Handler { return v.metrics.Handler() }

// Config is what runs, without secrets.
func (v views) Config() any {
	return struct {
		Version string    `json:"version"`
		File    string    `json:"file"`
		Started time.Time `json:"started"`
		Loaded  time.Time `json:"loaded"`
		Config  any       `json:"config"`
	}{v.opt.Version, v.opt.File, v.started, time.Unix(0, v.loaded.Load()), v.cfg.Load().Masked()}
}

// Listeners are the listeners and what is under way on each side.
func (v views) Listeners() any {
	type row struct {
		listener.Stats
		Streams int64 `json:"streams"`
		Queued  int   `json:"queued"`
	}
	rows := []row{}
	v.sockets.each(func(b *bound) {
		v.proxy.Snapshot(func(s *proxy.Snapshot) {
			if b.service != "" { // a connection is a stream
				stats := b.Stats()
				rows = append(rows, row{stats, int64(stats.Open), 0})
				return
			}
			g := s.Sides[string(b.side)].Gate
			rows = append(rows, row{b.Stats(), g.Inside(), g.Waiting()})
		})
	})
	return rows
}

// endpointView is one endpoint's row.
type endpointView struct {
	Address  string     `json:"address"`
	Weight   uint32     `json:"weight"`
	Active   int64      `json:"active"`
	Requests uint64     `json:"requests"`
	Failures uint64     `json:"failures"`
	Pool     pool.Stats `json:"pool"`
	Latency  float64    `json:"latency_seconds,omitempty"` // of late, where the policy goes by it
	Health   healthView `json:"health"`
}

type clusterView struct {
	Name      string         `json:"name"`
	Discovery *discoveryView `json:"discovery,omitempty"` // null where the configuration names the endpoints
	Endpoints []endpointView `json:"endpoints"`
}

// Clusters are the endpoints of each cluster.
func (v views) Clusters() any {
	rows, found := []clusterView{}, v.clusters.found()
	v.proxy.Snapshot(func(s *proxy.Snapshot) {
		for name, c := range s.Clusters {
			row := clusterView{Name: name, Discovery: viewDiscovery(found[c]), Endpoints: []endpointView{}}
			for _, e := range c.Endpoints() {
				active, total, faults := e.Numbers()
				row.Endpoints = append(row.Endpoints, endpointView{
					Address: e.Addr, Weight: e.Facts().Weight, Active: active, Requests: total, Failures: faults,
					Pool: e.Stats(), Latency: e.Latency().Seconds(), Health: viewHealth(c.Condition(e)),
				})
			}
			rows = append(rows, row)
		}
	})
	slices.SortFunc(rows, func(a, b clusterView) int { return strings.Compare(a.Name, b.Name) })
	return rows
}
