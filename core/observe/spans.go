package observe

import "github.com/prometheus/client_golang/prometheus"

// Spans are numbers of spans, ever.
type Spans struct{ Sent, Dropped, Failed, Rejected uint64 }

// Spans shows what has become of those of requests.
func (m *Metrics) Spans(read func() Spans) error {
	spans := prometheus.NewDesc("weir_trace_spans_total",
		"Spans by what became of them: sent; dropped, the queue was full; failed, the receiver was away or refused all; rejected, it refused these.",
		[]string{"result"}, nil)
	return m.Register(collector{
		descs: []*prometheus.Desc{spans},
		collect: func(ch chan<- prometheus.Metric) {
			s := read()
			ch <- constant(spans, prometheus.CounterValue, float64(s.Sent), "sent")
			ch <- constant(spans, prometheus.CounterValue, float64(s.Dropped), "dropped")
			ch <- constant(spans, prometheus.CounterValue, float64(s.Failed), "failed")
			ch <- constant(spans, prometheus.CounterValue, float64(s.Rejected), "rejected")
		},
	})
}
