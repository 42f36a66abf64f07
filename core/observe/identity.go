package observe

import "github.com/prometheus/client_golang/prometheus"

// Renewals are the identities that were asked for from an authority.
type Renewals struct {
	Done, Failed uint64
}

// Identity shows how often an identity was got, and how often a try failed. When it
// ends is shown with the certificates.
func (m *Metrics) Identity(now func() Renewals) error {
	total := prometheus.NewDesc("weir_identity_requests_total", "Requests for an identity to the authority of the mesh.", []string{"result"}, nil)
	return m.Register(collector{
		descs: []*prometheus.Desc{total},
		collect: func(ch chan<- prometheus.Metric) {
			r := now()
			ch <- constant(total, prometheus.CounterValue, float64(r.Done), "issued")
			ch <- constant(total, prometheus.CounterValue, float64(r.Failed), "failed")
		},
	})
}
