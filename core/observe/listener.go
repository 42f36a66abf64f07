package observe

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/weirproxy/weir/core/fault"
	"github.com/weirproxy/weir/core/stream"
)

// Listener counts for one listener.
type Listener struct {
	open     prometheus.Gauge
	accepted prometheus.Counter
	requests prometheus.Counter
	dropped  prometheus.Counter
	refused  [numKinds]prometheus.Counter // by kind; one that cannot be a client's fault counts as Unknown
	shed     [len(stream.Priorities)]prometheus.Counter

	handshakes       [2]prometheus.Counter // full, resumed
	handshakeFailure func(reason string) prometheus.Counter
}

// numKinds is the number of fault kinds.
const numKinds = int(fault.PauseTimeout) + 1

// Opened counts a connection that was accepted.
func (l *Listener) Opened() {
	l.open.Inc()
	l.accepted.Inc()
}

// Closed counts its end.
func (l *Listener) Closed() { l.open.Dec() }

// Handshake counts one of TLS, and whether it resumed a session.
func (l *Listener) Handshake(resumed bool) {
	if resumed {
		l.handshakes[1].Inc()
	} else {
		l.handshakes[0].Inc()
	}
}

// HandshakeFailed counts one that failed. Reasons are a fixed few.
func (l *Listener) HandshakeFailed(reason string) { l.handshakeFailure(reason).Inc() }

// Request counts a request whose head was read.
func (l *Listener) Request() { l.requests.Inc() }

// DroppedField counts a field that was left out for its name.
func (l *Listener) DroppedField() { l.dropped.Inc() }

// BadHead counts a request refused before it had a route.
func (l *Listener) BadHead(k fault.Kind) { l.refused[k].Inc() }

// Shed counts a request that was given up because there were too many, or memory
// was short.
func (l *Listener) Shed(p stream.Priority) { l.shed[p.Rank()].Inc() }

type listenerMetrics struct {
	open     *prometheus.GaugeVec
	accepted *prometheus.CounterVec
	requests *prometheus.CounterVec
	dropped  *prometheus.CounterVec
	refused  *prometheus.CounterVec
	shed     *prometheus.CounterVec

	handshakes, handshakeFailures *prometheus.CounterVec
}

func listenerMaker(r *prometheus.Registry) *listenerMetrics {
	labels := []string{"listener"}
	m := &listenerMetrics{
		open:     gauges("weir_connections_open", "Downstream connections.", labels),
		accepted: counters("weir_connections_total", "Downstream connections accepted.", labels),
		requests: counters("weir_requests_total", "Requests whose head was read.", labels),
		dropped:  counters("weir_request_fields_dropped_total", "Fields of requests left out because their names have underscores.", labels),
		refused:  counters("weir_requests_refused_total", "Requests refused before they had a route, by reason.", []string{"listener", "reason"}),
		shed:     counters("weir_requests_shed_total", "Requests given up because there were too many or memory was short, by priority.", []string{"listener", "priority"}),

		handshakes:        counters("weir_tls_handshakes_total", "TLS handshakes with clients, by whether they resumed a session.", []string{"listener", "resumed"}),
		handshakeFailures: counters("weir_tls_handshake_failures_total", "TLS handshakes with clients that failed, by reason.", []string{"listener", "reason"}),
	}
	r.MustRegister(m.open, m.accepted, m.requests, m.dropped, m.refused, m.shed, m.handshakes, m.handshakeFailures)
	return m
}

func (m *listenerMetrics) make(name string) *Listener {
	l := &Listener{
		open:     m.open.WithLabelValues(name),
		accepted: m.accepted.WithLabelValues(name),
		requests: m.requests.WithLabelValues(name),
		dropped:  m.dropped.WithLabelValues(name),

		handshakes:       [2]prometheus.Counter{m.handshakes.WithLabelValues(name, "no"), m.handshakes.WithLabelValues(name, "yes")},
		handshakeFailure: func(reason string) prometheus.Counter { return m.handshakeFailures.WithLabelValues(name, reason) },
	}
	for i, p := range stream.Priorities {
		l.shed[i] = m.shed.WithLabelValues(name, p.String())
	}
	byKind(&l.refused, func(k fault.Kind) bool {
		return k.Side() == fault.Downstream || k == fault.Overload || k == fault.QueueTimeout
	}, func(reason string) prometheus.Counter { return m.refused.WithLabelValues(name, reason) })
	return l
}

func (m *listenerMetrics) remove(name string) {
	labels := prometheus.Labels{"listener": name}
	m.open.DeletePartialMatch(labels)
	m.accepted.DeletePartialMatch(labels)
	m.requests.DeletePartialMatch(labels)
	m.dropped.DeletePartialMatch(labels)
	m.refused.DeletePartialMatch(labels)
	m.shed.DeletePartialMatch(labels)
	m.handshakes.DeletePartialMatch(labels)
	m.handshakeFailures.DeletePartialMatch(labels)
}

// byKind fills a counter in for each kind of fault: one of its own if it
// belongs here, else that of Unknown, so that a count is never lost.
func byKind(all *[numKinds]prometheus.Counter, belongs func(fault.Kind) bool, counter func(reason string) prometheus.Counter) {
	all[fault.Unknown] = counter(fault.Unknown.String())
	for i := 1; i < numKinds; i++ {
		if k := fault.Kind(i); belongs(k) {
			all[i] = counter(k.String())
		} else {
			all[i] = all[fault.Unknown]
		}
	}
}

func counters(name, help string, labels []string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func gauges(name, help string, labels []string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
}
