package observe

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is the process's registry. Its names begin with "weir_".
type Metrics struct {
	registry  *prometheus.Registry
	listeners family[Listener]
	routes    family[Route]
	clusters  family[Cluster]
	services  family[TCP]
	guests    GuestMetrics
	mesh      Mesh
}

// NewMetrics makes the registry, with what is known of the process and of
// this build; version is the proxy's.
func NewMetrics(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "weir_build_info",
		Help:        "Always 1; the labels say what runs.",
		ConstLabels: prometheus.Labels{"version": version, "go": runtime.Version()},
	})
	build.Set(1)
	m.guests.init()
	m.registry.MustRegister(
		build,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.guests.refused,
		&m.guests,
	)
	l, r, c := listenerMaker(m.registry), routeMaker(m.registry), clusterMaker(m.registry)
	m.listeners.make, m.listeners.remove = l.make, l.remove
	m.routes.make, m.routes.remove = r.make, r.remove
	m.clusters.make, m.clusters.remove = c.make, c.remove
	m.mesh.init(m.registry)
	t := tcpMaker(m.registry)
	m.services.make, m.services.remove = t.make, t.remove
	return m
}

// Handler serves the metrics to a scraper. A collector that fails does not take
// the others with it.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError,
		ErrorLog:      scrapeErrors{},
	})
}

// scrapeErrors brings what is wrong with a metric into the process's log.
type scrapeErrors struct{}

// Println implements promhttp.Logger.
func (scrapeErrors) Println(v ...any) { slog.Warn("collecting metrics", "error", fmt.Sprint(v...)) }

// Register adds a collector, for numbers that somebody else keeps.
func (m *Metrics) Register(c prometheus.Collector) error {
	if err := m.registry.Register(c); err != nil {
		return fmt.Errorf("registering metrics: %w", err)
	}
	return nil
}

// Gatherer lets tests and the admin page read the metrics.
func (m *Metrics) Gatherer() prometheus.Gatherer { return m.registry }

// Guests are the metrics that filters define.
func (m *Metrics) Guests() *GuestMetrics { return &m.guests }

// Listener is the handle of a listener. Equal names share it.
func (m *Metrics) Listener(name string) *Listener { return m.listeners.get(name) }

// Route is the handle of a route.
func (m *Metrics) Route(name string) *Route { return m.routes.get(name) }

// Cluster is the handle of a cluster.
func (m *Metrics) Cluster(name string) *Cluster { return m.clusters.get(name) }

// Keep forgets every listener, route and cluster but those named: after a
// reload, or the series of what is long gone would pile up. Old handles still
// count, unseen.
func (m *Metrics) Keep(listeners, routes, clusters []string) {
	m.listeners.keep(listeners)
	m.routes.keep(routes)
	m.mesh.keep(routes)
	m.clusters.keep(clusters)
}

// TCP is the handle of a TCP service.
func (m *Metrics) TCP(name string) *TCP { return m.services.get(name) }

// KeepTCP is Keep for TCP services.
func (m *Metrics) KeepTCP(services []string) { m.services.keep(services) }

// family is the handles of one kind, by name.
type family[H any] struct {
	make   func(name string) *H // with all of its series
	remove func(name string)    // them

	mu     sync.Mutex
	byName map[string]*H
}

func (f *family[H]) get(name string) *H {
	f.mu.Lock()
	defer f.mu.Unlock()
	if h := f.byName[name]; h != nil {
		return h
	}
	if f.byName == nil {
		f.byName = make(map[string]*H)
	}
	h := f.make(name)
	f.byName[name] = h
	return h
}

func (f *family[H]) keep(names []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	wanted := make(map[string]bool, len(names))
	for _, name := range names {
		wanted[name] = true
	}
	for name := range f.byName {
		if !wanted[name] {
			f.remove(name)
			delete(f.byName, name)
		}
	}
}
