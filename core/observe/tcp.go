package observe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/weirproxy/weir/core/fault"
)

// TCP counts for one TCP service.
type TCP struct {
	ended          prometheus.Counter
	failed         [numKinds]prometheus.Counter
	sent, received prometheus.Counter
	duration       prometheus.Histogram
}

// Done counts a connection that ended in order, after d.
func (t *TCP) Done(d time.Duration) {
	t.ended.Inc()
	t.duration.Observe(d.Seconds())
}

// Failed counts one that a fault ended.
func (t *TCP) Failed(k fault.Kind, d time.Duration) {
	t.failed[k].Inc()
	t.duration.Observe(d.Seconds())
}

// Bytes counts what went to clients, and what came from them.
func (t *TCP) Bytes(sent, received int64) {
	t.sent.Add(float64(sent))
	t.received.Add(float64(received))
}

// connectionBuckets are in seconds: connections live longer than requests.
var connectionBuckets = []float64{.001, .01, .1, 1, 10, 60, 600, 3600, 36000}

type tcpMetrics struct {
	connections *prometheus.CounterVec
	bytes       *prometheus.CounterVec
	duration    *prometheus.HistogramVec
}

func tcpMaker(r *prometheus.Registry) *tcpMetrics {
	m := &tcpMetrics{
		connections: counters("weir_tcp_connections_total", "Connections of a TCP service that ended, by how: \"end\" or a reason.", []string{"service", "reason"}),
		bytes:       counters("weir_tcp_bytes_total", "Bytes carried for a TCP service's clients, \"sent\" to them and \"received\".", []string{"service", "direction"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "weir_tcp_connection_duration_seconds",
			Help:    "From a connection's beginning to its end.",
			Buckets: connectionBuckets,
		}, []string{"service"}),
	}
	r.MustRegister(m.connections, m.bytes, m.duration)
	return m
}

func (m *tcpMetrics) make(name string) *TCP {
	t := &TCP{
		ended:    m.connections.WithLabelValues(name, "end"),
		sent:     m.bytes.WithLabelValues(name, "sent"),
		received: m.bytes.WithLabelValues(name, "received"),
		duration: m.duration.WithLabelValues(name).(prometheus.Histogram),
	}
	byKind(&t.failed, func(fault.Kind) bool { return true },
		func(reason string) prometheus.Counter { return m.connections.WithLabelValues(name, reason) })
	return t
}

func (m *tcpMetrics) remove(name string) {
	labels := prometheus.Labels{"service": name}
	m.connections.DeletePartialMatch(labels)
	m.bytes.DeletePartialMatch(labels)
	m.duration.DeletePartialMatch(labels)
}
