package proxywasm

import (
	"errors"

	"github.com/weirproxy/weir/core/observe"
)

// defineMetric is proxy_define_metric(kind, name, size, &id).
func (i *instance) defineMetric(a []uint64) status {
	name, ok := i.view(a[1], a[2])
	if !ok {
		return statusInvalidMemory
	}
	ri := i.frame.at.root
	if ri == nil || uint32(a[0]) > uint32(observe.KindHistogram) {
		return statusBadArgument
	}
	i.in.Charge(defineUnits)
	id, err := i.vm.metrics.Define(ri.root.spec.Name, ri.root.spec.MetricSeries, observe.MetricKind(uint32(a[0])), name)
	if err != nil {
		return metricStatus(err)
	}
	return i.number(a[3], id)
}

// defineUnits is what defining a metric costs: a lock and a look-up by name.
const defineUnits = 500

// recordMetric is proxy_record_metric(id, value).
func (i *instance) recordMetric(a []uint64) status {
	return metricStatus(i.vm.metrics.Record(uint32(a[0]), int64(a[1])))
}

// incrementMetric is proxy_increment_metric(id, delta).
func (i *instance) incrementMetric(a []uint64) status {
	return metricStatus(i.vm.metrics.Increment(uint32(a[0]), int64(a[1])))
}

// getMetric is proxy_get_metric(id, &value).
func (i *instance) getMetric(a []uint64) status {
	v, err := i.vm.metrics.Value(uint32(a[0]))
	if err != nil {
		return metricStatus(err)
	}
	if !i.putUint64(a[1], v) {
		return statusInvalidMemory
	}
	return statusOK
}

func metricStatus(err error) status {
	switch {
	case err == nil:
		return statusOK
	case errors.Is(err, observe.ErrNoMetric):
		return statusNotFound
	}
	return statusBadArgument
}
