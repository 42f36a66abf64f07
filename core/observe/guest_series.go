package observe

import (
	"sort"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// GuestMetrics are the metrics of all filters. Filters of one name share
// theirs, whatever VM they run in.
type GuestMetrics struct {
	refused *prometheus.CounterVec

	mu       sync.Mutex
	series   map[seriesKey]*series    // guarded by mu
	filters  map[string]int           // series of each; guarded by mu
	exported map[string]*exportedName // guarded by mu
}

type seriesKey struct {
	filter, name, labels string
	kind                 MetricKind
}

// keyOf is that of the metric that a filter calls by a name.
func keyOf(filter string, kind MetricKind, name []byte) (seriesKey, []guestLabel) {
	base, labels := labelsOf(name)
	return seriesKey{filter, baseName(base, kind), joined(labels), kind}, labels
}

// series is one metric of one filter.
type series struct {
	seriesKey
	export *exportedName
	desc   *prometheus.Desc
	values []string // of its labels
	users  int      // tables; guarded by GuestMetrics.mu

	value   atomic.Uint64 // counter, gauge; of a histogram the sum
	buckets []atomic.Uint64
}

// guestBuckets are Envoy's, which are meant for milliseconds and do for bytes.
var guestBuckets = []float64{.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000}

func newSeries(kind MetricKind) *series {
	s := &series{seriesKey: seriesKey{kind: kind}}
	if kind == KindHistogram {
		s.buckets = make([]atomic.Uint64, len(guestBuckets)+1)
	}
	return s
}

func (s *series) observe(v int64) {
	v = max(v, 0) // or the sum would go back
	s.buckets[sort.SearchFloat64s(guestBuckets, float64(v))].Add(1)
	s.value.Add(uint64(v))
}

func (g *GuestMetrics) init() {
	g.refused = counters("weir_wasm_metrics_refused_total", "Metrics that a filter defined beyond its limit. They are not shown.", []string{"filter"})
	g.series = make(map[seriesKey]*series)
	g.filters = make(map[string]int)
	g.exported = make(map[string]*exportedName)
}

// acquire finds or makes a series; nil says that the filter has too many.
// fresh says that it is not in known yet: then the caller holds it, until
// release.
func (g *GuestMetrics) acquire(filter string, limit int, kind MetricKind, name []byte, known map[*series]uint32) (s *series, fresh bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	key, labels := keyOf(filter, kind, name)
	s = g.series[key]
	if s == nil {
		if g.filters[filter] >= limit {
			g.refused.WithLabelValues(filter).Inc()
			return nil, false
		}
		s = newSeries(kind)
		s.seriesKey = key
		s.export = g.export(key.name, kind)
		s.desc, s.values = describe(s.export.name, labels), []string{filter}
		for _, l := range labels {
			s.values = append(s.values, l.value)
		}
		g.series[key] = s
		g.filters[filter]++
	}
	if _, ok := known[s]; ok {
		return s, false
	}
	s.users++
	return s, true
}

func (g *GuestMetrics) release(s *series) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if s.users--; s.users > 0 {
		return
	}
	delete(g.series, s.seriesKey)
	if g.filters[s.filter]--; g.filters[s.filter] == 0 {
		delete(g.filters, s.filter)
		g.refused.DeleteLabelValues(s.filter)
	}
	if s.export.users--; s.export.users == 0 {
		for _, n := range s.export.names() {
			delete(g.exported, n)
		}
	}
}

// Describe implements prometheus.Collector. What filters will define is not
// known.
func (g *GuestMetrics) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (g *GuestMetrics) Collect(ch chan<- prometheus.Metric) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.series {
		ch <- s.metric()
	}
}

func (s *series) metric() prometheus.Metric {
	switch s.kind {
	case KindCounter:
		return constant(s.desc, prometheus.CounterValue, float64(s.value.Load()), s.values...)
	case KindGauge:
		return constant(s.desc, prometheus.GaugeValue, float64(int64(s.value.Load())), s.values...)
	}
	count, buckets := uint64(0), make(map[float64]uint64, len(guestBuckets))
	for i, bound := range guestBuckets {
		count += s.buckets[i].Load()
		buckets[bound] = count
	}
	count += s.buckets[len(guestBuckets)].Load()
	m, err := prometheus.NewConstHistogram(s.desc, count, float64(s.value.Load()), buckets, s.values...)
	if err != nil {
		return prometheus.NewInvalidMetric(s.desc, err)
	}
	return m
}

// Read is the value of the metric that filters define by a name: a counter's or
// gauge's, the number of observations of a histogram, of all filters together.
// It answers false where none is there.
func (g *GuestMetrics) Read(name string) (v int64, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for key, s := range g.series {
		if asked, _ := keyOf(key.filter, key.kind, []byte(name)); asked != key {
			continue
		}
		ok = true
		if key.kind != KindHistogram {
			v += int64(s.value.Load())
			continue
		}
		for i := range s.buckets {
			v += int64(s.buckets[i].Load())
		}
	}
	return v, ok
}
