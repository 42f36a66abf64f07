package observe

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Provider is what is shown of one.
type Provider struct {
	Name     string
	Up       bool
	Starts   uint64 // of its process, ever
	Services []ProvidedService
}

// ProvidedService is what is shown of a service that a provider tells.
type ProvidedService struct {
	Name      string
	Endpoints int
	Stale     *time.Time // since when nobody vouches for them; nil: somebody does
}

// Providers shows those that list yields, each name once.
func (m *Metrics) Providers(list func(yield func(Provider))) error {
	one, each := []string{"provider"}, []string{"provider", "service"}
	up := prometheus.NewDesc("weir_provider_up", "1 while the provider's process answers.", one, nil)
	starts := prometheus.NewDesc("weir_provider_starts_total", "How often a process of the provider came to run.", one, nil)
	endpoints := prometheus.NewDesc("weir_provider_endpoints", "Endpoints of a service, as the provider said last.", each, nil)
	stale := prometheus.NewDesc("weir_provider_stale_since_timestamp_seconds", "Since when the provider does not vouch for them any more, in Unix time; 0 while it does.", each, nil)
	return m.Register(collector{
		descs: []*prometheus.Desc{up, starts, endpoints, stale},
		collect: func(ch chan<- prometheus.Metric) {
			list(func(p Provider) {
				ch <- constant(up, prometheus.GaugeValue, oneIf(p.Up), p.Name)
				ch <- constant(starts, prometheus.CounterValue, float64(p.Starts), p.Name)
				for _, s := range p.Services {
					since := 0.0
					if s.Stale != nil {
						since = float64(s.Stale.UnixMilli()) / 1000
					}
					ch <- constant(endpoints, prometheus.GaugeValue, float64(s.Endpoints), p.Name, s.Name)
					ch <- constant(stale, prometheus.GaugeValue, since, p.Name, s.Name)
				}
			})
		},
	})
}
