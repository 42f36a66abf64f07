package observe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/weirproxy/weir/core/fault"
)

// Cluster counts for one cluster.
type Cluster struct {
	requests prometheus.Counter
	retries  prometheus.Counter
	failures [numKinds]prometheus.Counter
	connect  prometheus.Histogram

	name     string
	mirrors  *prometheus.CounterVec
	mirrored mirrored
}

// Request counts an attempt sent to an endpoint, the first or a further one.
func (c *Cluster) Request() { c.requests.Inc() }

// Retry counts a further attempt.
func (c *Cluster) Retry() { c.retries.Inc() }

// Failed counts an attempt that ended in a fault.
func (c *Cluster) Failed(k fault.Kind) { c.failures[k].Inc() }

// Connected counts a new connection, TLS included, that took d.
func (c *Cluster) Connected(d time.Duration) { c.connect.Observe(d.Seconds()) }

type clusterMetrics struct {
	requests *prometheus.CounterVec
	retries  *prometheus.CounterVec
	failures *prometheus.CounterVec
	connect  *prometheus.HistogramVec
	mirrors  *prometheus.CounterVec
}

func clusterMaker(r *prometheus.Registry) *clusterMetrics {
	labels := []string{"cluster"}
	m := &clusterMetrics{
		requests: counters("weir_cluster_requests_total", "Attempts sent to the cluster's endpoints.", labels),
		retries:  counters("weir_cluster_retries_total", "Attempts beside the first of a request.", labels),
		failures: counters("weir_cluster_failures_total", "Attempts that failed, by reason.", []string{"cluster", "reason"}),
		mirrors:  counters("weir_cluster_mirrored_total", "Copies of requests that were to go to the cluster, by result.", []string{"cluster", "result"}),
		connect: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "weir_cluster_connect_duration_seconds",
			Help:    "Time to open a connection to an endpoint.",
			Buckets: durationBuckets,
		}, labels),
	}
	r.MustRegister(m.requests, m.retries, m.failures, m.connect, m.mirrors)
	return m
}

func (m *clusterMetrics) make(name string) *Cluster {
	c := &Cluster{
		requests: m.requests.WithLabelValues(name),
		retries:  m.retries.WithLabelValues(name),
		connect:  m.connect.WithLabelValues(name).(prometheus.Histogram),
		name:     name,
		mirrors:  m.mirrors,
	}
	byKind(&c.failures, func(k fault.Kind) bool { return k.Side() == fault.Upstream },
		func(reason string) prometheus.Counter { return m.failures.WithLabelValues(name, reason) })
	return c
}

func (m *clusterMetrics) remove(name string) {
	labels := prometheus.Labels{"cluster": name}
	m.requests.DeletePartialMatch(labels)
	m.retries.DeletePartialMatch(labels)
	m.failures.DeletePartialMatch(labels)
	m.connect.DeletePartialMatch(labels)
	m.mirrors.DeletePartialMatch(labels)
}
