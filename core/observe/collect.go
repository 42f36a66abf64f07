package observe

import "github.com/prometheus/client_golang/prometheus"

// Numbers that others keep anyway are read when somebody asks for them. A
// list function calls yield for each thing there is at that moment.

// Endpoint is what is shown of one endpoint.
type Endpoint struct {
	Cluster, Address string
	Active           int64  // requests under way
	Requests, Faults uint64 // ever; faults are those that the endpoint was to blame for

	Healthy, Ejected      bool
	Checks, CheckFailures uint64 // ever
	Ejections             uint64 // ever
}

// Endpoints shows those that list yields. A pair of cluster and address is
// yielded once.
func (m *Metrics) Endpoints(list func(yield func(Endpoint))) error {
	labels := []string{"cluster", "endpoint"}
	active := prometheus.NewDesc("weir_endpoint_requests_active", "Requests under way at the endpoint.", labels, nil)
	requests := prometheus.NewDesc("weir_endpoint_requests_total", "Attempts sent to the endpoint.", labels, nil)
	faults := prometheus.NewDesc("weir_endpoint_faults_total", "Attempts that failed by the endpoint's fault.", labels, nil)
	healthy := prometheus.NewDesc("weir_endpoint_healthy", "1 unless health checks say otherwise.", labels, nil)
	checks := prometheus.NewDesc("weir_endpoint_checks_total", "Health checks of the endpoint.", labels, nil)
	failures := prometheus.NewDesc("weir_endpoint_check_failures_total", "Health checks that failed.", labels, nil)
	ejected := prometheus.NewDesc("weir_endpoint_ejected", "1 while the endpoint is left out because its requests failed.", labels, nil)
	ejections := prometheus.NewDesc("weir_endpoint_ejections_total", "How often the endpoint was left out.", labels, nil)
	return m.Register(collector{
		descs: []*prometheus.Desc{active, requests, faults, healthy, checks, failures, ejected, ejections},
		collect: func(ch chan<- prometheus.Metric) {
			list(func(e Endpoint) {
				ch <- constant(active, prometheus.GaugeValue, float64(e.Active), e.Cluster, e.Address)
				ch <- constant(requests, prometheus.CounterValue, float64(e.Requests), e.Cluster, e.Address)
				ch <- constant(faults, prometheus.CounterValue, float64(e.Faults), e.Cluster, e.Address)
				ch <- constant(healthy, prometheus.GaugeValue, oneIf(e.Healthy), e.Cluster, e.Address)
				ch <- constant(checks, prometheus.CounterValue, float64(e.Checks), e.Cluster, e.Address)
				ch <- constant(failures, prometheus.CounterValue, float64(e.CheckFailures), e.Cluster, e.Address)
				ch <- constant(ejected, prometheus.GaugeValue, oneIf(e.Ejected), e.Cluster, e.Address)
				ch <- constant(ejections, prometheus.CounterValue, float64(e.Ejections), e.Cluster, e.Address)
			})
		},
	})
}

// Filter is what is shown of one filter.
type Filter struct {
	Name               string
	Streams            uint64
	CPU                float64 // seconds, as metered
	Traps, Unavailable uint64
	Calls, LogDropped  uint64
	Lanes              int
	Memory             int64 // of the instances that it runs in, which others may share; bytes
}

// Filters shows those that list yields, each name once.
func (m *Metrics) Filters(list func(yield func(Filter))) error {
	var descs []*prometheus.Desc
	column := func(name, help string) *prometheus.Desc {
		d := prometheus.NewDesc(name, help, []string{"filter"}, nil)
		descs = append(descs, d)
		return d
	}
	streams := column("weir_filter_streams_total", "Streams that came to the filter.")
	cpu := column("weir_filter_cpu_seconds_total", "CPU time of the filter's callbacks, by its meter.")
	traps := column("weir_filter_traps_total", "Callbacks that ended their instance.")
	unavailable := column("weir_filter_unavailable_total", "Streams that found no instance of the filter, or it in quarantine.")
	calls := column("weir_filter_http_calls_total", "HTTP calls that the filter made.")
	dropped := column("weir_filter_log_dropped_total", "Log lines beyond the filter's limit.")
	lanes := column("weir_filter_lanes", "Instances that the filter runs in.")
	memory := column("weir_filter_memory_bytes", "Memory of the instances that the filter runs in, which others may share.")
	return m.Register(collector{
		descs: descs,
		collect: func(ch chan<- prometheus.Metric) {
			list(func(f Filter) {
				ch <- constant(streams, prometheus.CounterValue, float64(f.Streams), f.Name)
				ch <- constant(cpu, prometheus.CounterValue, f.CPU, f.Name)
				ch <- constant(traps, prometheus.CounterValue, float64(f.Traps), f.Name)
				ch <- constant(unavailable, prometheus.CounterValue, float64(f.Unavailable), f.Name)
				ch <- constant(calls, prometheus.CounterValue, float64(f.Calls), f.Name)
				ch <- constant(dropped, prometheus.CounterValue, float64(f.LogDropped), f.Name)
				ch <- constant(lanes, prometheus.GaugeValue, float64(f.Lanes), f.Name)
				ch <- constant(memory, prometheus.GaugeValue, float64(f.Memory), f.Name)
			})
		},
	})
}

// Namespace is what is shown of the state that a VM's filters share.
type Namespace struct {
	VM           string
	Bytes, Limit int64  // of shared data
	RateKeys     int    // rate limits that have a counter of their own
	Crowded      uint64 // decisions for which there was no room for a key
	Circuits     int    // of circuit breakers
	Broken       int    // of these: open or half-open
}

// Namespaces shows those that list yields, each VM once.
func (m *Metrics) Namespaces(list func(yield func(Namespace))) error {
	labels := []string{"vm"}
	bytes := prometheus.NewDesc("weir_state_bytes", "Shared data of a VM's filters.", labels, nil)
	limit := prometheus.NewDesc("weir_state_limit_bytes", "What shared data may take.", labels, nil)
	keys := prometheus.NewDesc("weir_state_rate_keys", "Keys with a rate limit counter of their own.", labels, nil)
	crowded := prometheus.NewDesc("weir_state_rate_crowded_total", "Rate limit decisions by counters that keys had to share.", labels, nil)
	circuits := prometheus.NewDesc("weir_state_circuits", "Circuits of circuit breakers.", labels, nil)
	broken := prometheus.NewDesc("weir_state_circuits_broken", "Circuits that are open or half-open.", labels, nil)
	return m.Register(collector{
		descs: []*prometheus.Desc{bytes, limit, keys, crowded, circuits, broken},
		collect: func(ch chan<- prometheus.Metric) {
			list(func(n Namespace) {
				ch <- constant(bytes, prometheus.GaugeValue, float64(n.Bytes), n.VM)
				ch <- constant(limit, prometheus.GaugeValue, float64(n.Limit), n.VM)
				ch <- constant(keys, prometheus.GaugeValue, float64(n.RateKeys), n.VM)
				ch <- constant(crowded, prometheus.CounterValue, float64(n.Crowded), n.VM)
				ch <- constant(circuits, prometheus.GaugeValue, float64(n.Circuits), n.VM)
				ch <- constant(broken, prometheus.GaugeValue, float64(n.Broken), n.VM)
			})
		},
	})
}

// AccessLog shows the lines that a did not write.
func (m *Metrics) AccessLog(a *AccessLog) error {
	dropped := prometheus.NewDesc("weir_access_log_dropped_total", "Lines that found no room in the buffer.", nil, nil)
	lost := prometheus.NewDesc("weir_access_log_lost_total", "Lines that could not be written.", nil, nil)
	return m.Register(collector{
		descs: []*prometheus.Desc{dropped, lost},
		collect: func(ch chan<- prometheus.Metric) {
			ch <- constant(dropped, prometheus.CounterValue, float64(a.Dropped()))
			ch <- constant(lost, prometheus.CounterValue, float64(a.Lost()))
		},
	})
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// constant is a metric of one moment. One that cannot be shown, for a label
// that is not UTF-8, becomes an error of the scrape.
func constant(d *prometheus.Desc, t prometheus.ValueType, v float64, labels ...string) prometheus.Metric {
	m, err := prometheus.NewConstMetric(d, t, v, labels...)
	if err != nil {
		return prometheus.NewInvalidMetric(d, err)
	}
	return m
}

// collector is a prometheus.Collector made of its two halves.
type collector struct {
	descs   []*prometheus.Desc
	collect func(ch chan<- prometheus.Metric)
}

// Describe implements prometheus.Collector.
func (c collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(ch chan<- prometheus.Metric) { c.collect(ch) }
