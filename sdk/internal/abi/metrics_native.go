//go:build !wasm

package abi

// MetricDefine asks the current host.
func MetricDefine(kind Metric, name string) (uint32, Status) {
	return Current.MetricDefine(kind, name)
}

// MetricRecord asks the current host.
func MetricRecord(id uint32, value int64) Status {
	return Current.MetricRecord(id, value)
}

// MetricIncrement asks the current host.
func MetricIncrement(id uint32, delta int64) Status {
	return Current.MetricIncrement(id, delta)
}

// MetricGet asks the current host.
func MetricGet(id uint32) (uint64, Status) {
	return Current.MetricGet(id)
}
