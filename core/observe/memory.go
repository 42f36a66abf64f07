package observe

import "github.com/prometheus/client_golang/prometheus"

// Memory is what is shown of the memory that counts against a limit.
type Memory struct {
	Used, Limit int64 // bytes; a Limit of 0 is none
	Level       int   // of overload, 0 for calm
}

// Memory shows what now says. Without a limit only the level is shown: a
// share of nothing would set off everybody's alarms.
func (m *Metrics) Memory(now func() Memory) error {
	used := prometheus.NewDesc("weir_memory_used_bytes", "Memory that counts against the limit.", nil, nil)
	limit := prometheus.NewDesc("weir_memory_limit_bytes", "What may be used: of the cgroup, of GOMEMLIMIT, or configured.", nil, nil)
	level := prometheus.NewDesc("weir_overload_level", "0 calm, 1 shrink, 2 no keep-alive, 3 shed, 4 no accept.", nil, nil)
	return m.Register(collector{
		descs: []*prometheus.Desc{used, limit, level},
		collect: func(ch chan<- prometheus.Metric) {
			n := now()
			if n.Limit > 0 {
				ch <- constant(used, prometheus.GaugeValue, float64(n.Used))
				ch <- constant(limit, prometheus.GaugeValue, float64(n.Limit))
			}
			ch <- constant(level, prometheus.GaugeValue, float64(n.Level))
		},
	})
}
