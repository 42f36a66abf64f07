package sdk

import "github.com/weirproxy/weir/sdk/internal/abi"

// Counter counts up. Define it when configuring: each name is one series,
// shared by all instances of the filter.
type Counter struct{ id uint32 }

// NewCounter makes a counter, or finds the one of that name. In Weir a name may have
// labels, as Prometheus writes a series: hits{route="a"}; values are not escaped.
func NewCounter(name string) Counter { return Counter{define(abi.Counter, name)} }

// Add adds n, which must be positive.
func (c Counter) Add(n int64) error { return abi.MetricIncrement(c.id, n).Err() }

// ID is the counter's number, for functions of the host that count.
func (c Counter) ID() uint32 { return c.id }

// Value is the count.
func (c Counter) Value() (uint64, error) { return metricValue(c.id) }

// Gauge goes up and down.
type Gauge struct{ id uint32 }

// NewGauge makes a gauge, or finds the one of that name.
func NewGauge(name string) Gauge { return Gauge{define(abi.Gauge, name)} }

// Add adds n, which may be negative.
func (g Gauge) Add(n int64) error { return abi.MetricIncrement(g.id, n).Err() }

// Set sets the gauge.
func (g Gauge) Set(n int64) error { return abi.MetricRecord(g.id, n).Err() }

// Value is what the gauge shows.
func (g Gauge) Value() (uint64, error) { return metricValue(g.id) }

// Histogram counts observations by size.
type Histogram struct{ id uint32 }

// NewHistogram makes a histogram, or finds the one of that name.
func NewHistogram(name string) Histogram { return Histogram{define(abi.Histogram, name)} }

// Observe adds one observation.
func (h Histogram) Observe(n int64) error { return abi.MetricRecord(h.id, n).Err() }

// noMetric is an id that hosts do not give out: using it answers an error.
const noMetric = 1<<32 - 1

func define(kind abi.Metric, name string) uint32 {
	id, s := abi.MetricDefine(kind, name)
	if s != abi.OK {
		Error("defining metric ", quote(name), ": ", s.Error())
		return noMetric
	}
	return id
}

func metricValue(id uint32) (uint64, error) {
	v, s := abi.MetricGet(id)
	return v, s.Err()
}
