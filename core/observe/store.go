package observe

import "github.com/prometheus/client_golang/prometheus"

// Store is what is shown of the one that keeps limits of a fleet.
type Store struct {
	Up        bool
	Members   int // proxies that share it
	Keys      int // limits that this proxy has leased of, or knows to be used up
	Exchanges uint64
	Failures  uint64 // of them
}

// Store shows the one that numbers yields, if it does.
func (m *Metrics) Store(numbers func(yield func(Store))) error {
	up := prometheus.NewDesc("weir_store_up", "1 while the store answers; while it does not, limits of the fleet are held by each proxy's share.", nil, nil)
	members := prometheus.NewDesc("weir_store_members", "Proxies that share the store, as it said last.", nil, nil)
	keys := prometheus.NewDesc("weir_store_keys", "Limits that this proxy has leased of, or knows to be used up.", nil, nil)
	exchanges := prometheus.NewDesc("weir_store_exchanges_total", "How often the store was asked.", nil, nil)
	failures := prometheus.NewDesc("weir_store_failures_total", "How often it did not answer, or what cannot be true.", nil, nil)
	return m.Register(collector{
		descs: []*prometheus.Desc{up, members, keys, exchanges, failures},
		collect: func(ch chan<- prometheus.Metric) {
			numbers(func(s Store) {
				ch <- constant(up, prometheus.GaugeValue, oneIf(s.Up))
				ch <- constant(members, prometheus.GaugeValue, float64(s.Members))
				ch <- constant(keys, prometheus.GaugeValue, float64(s.Keys))
				ch <- constant(exchanges, prometheus.CounterValue, float64(s.Exchanges))
				ch <- constant(failures, prometheus.CounterValue, float64(s.Failures))
			})
		},
	})
}
