package observe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Certificate is what is shown of one that listeners use, or of the identity.
type Certificate struct {
	File string
	Name string // the first it is for; the SPIFFE ID
	Ends time.Time
}

// Certificates shows those that list yields. A file is yielded once.
func (m *Metrics) Certificates(list func(yield func(Certificate))) error {
	ends := prometheus.NewDesc("weir_certificate_expiry_timestamp_seconds", "When a certificate of a listener, or the identity in the mesh, ends, in Unix time.", []string{"certificate", "name"}, nil)
	return m.Register(collector{
		descs: []*prometheus.Desc{ends},
		collect: func(ch chan<- prometheus.Metric) {
			list(func(c Certificate) {
				ch <- constant(ends, prometheus.GaugeValue, float64(c.Ends.Unix()), c.File, c.Name)
			})
		},
	})
}
