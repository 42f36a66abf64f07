package sdktest

import (
	"strings"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

type metric struct {
	kind  abi.Metric
	name  string
	value int64
	seen  []int64 // a histogram's observations
}

// MetricDefine makes a metric, or finds the one of that kind and name. The two
// low bits of its id are the kind.
func (h *Host) MetricDefine(kind abi.Metric, name string) (uint32, abi.Status) {
	if kind > abi.Histogram {
		return 0, abi.BadArgument
	}
	for i, m := range h.store.metrics {
		if m.kind == kind && m.name == name {
			return uint32(i+1)<<2 | uint32(kind), abi.OK
		}
	}
	h.store.metrics = append(h.store.metrics, &metric{kind: kind, name: strings.Clone(name)})
	return uint32(len(h.store.metrics))<<2 | uint32(kind), abi.OK
}

func (h *Host) metric(id uint32) (*metric, abi.Status) {
	if i := id >> 2; i > 0 && i <= uint32(len(h.store.metrics)) {
		if m := h.store.metrics[i-1]; uint32(m.kind) == id&3 {
			return m, abi.OK
		}
	}
	if id == 0 {
		return nil, abi.NotFound
	}
	return nil, abi.BadArgument
}

// MetricRecord sets a gauge, observes a histogram, adds to a counter.
func (h *Host) MetricRecord(id uint32, value int64) abi.Status {
	m, s := h.metric(id)
	if s != abi.OK {
		return abi.NotFound
	}
	switch m.kind {
	case abi.Counter:
		m.value += value
	case abi.Gauge:
		m.value = value
	case abi.Histogram:
		m.seen = append(m.seen, value)
	}
	return abi.OK
}

// MetricIncrement moves a counter or gauge.
func (h *Host) MetricIncrement(id uint32, delta int64) abi.Status {
	m, s := h.metric(id)
	if s != abi.OK {
		return s
	}
	if m.kind == abi.Histogram || m.kind == abi.Counter && delta <= 0 {
		return abi.BadArgument
	}
	m.value += delta
	return abi.OK
}

// MetricGet is a counter's or gauge's value.
func (h *Host) MetricGet(id uint32) (uint64, abi.Status) {
	m, s := h.metric(id)
	if s != abi.OK {
		return 0, s
	}
	if m.kind == abi.Histogram {
		return 0, abi.BadArgument
	}
	return uint64(m.value), abi.OK
}

// Metric is the value of the counter or gauge of a name, 0 if there is none.
func (h *Host) Metric(name string) int64 {
	for _, m := range h.store.metrics {
		if m.kind != abi.Histogram && m.name == name {
			return m.value
		}
	}
	return 0
}

// Observations are what the histogram of a name has seen.
func (h *Host) Observations(name string) []int64 {
	for _, m := range h.store.metrics {
		if m.kind == abi.Histogram && m.name == name {
			return m.seen
		}
	}
	return nil
}

// MetricNames are the names of all metrics, in the order of their making.
func (h *Host) MetricNames() []string {
	var names []string
	for _, m := range h.store.metrics {
		names = append(names, m.name)
	}
	return names
}
