package abi

import "unsafe"

//go:wasmimport env proxy_define_metric
//go:noescape
func proxyDefineMetric(kind uint32, name unsafe.Pointer, nameLen uint32, id unsafe.Pointer) uint32

//go:wasmimport env proxy_record_metric
func proxyRecordMetric(id uint32, value int64) uint32

//go:wasmimport env proxy_increment_metric
func proxyIncrementMetric(id uint32, delta int64) uint32

//go:wasmimport env proxy_get_metric
//go:noescape
func proxyGetMetric(id uint32, value unsafe.Pointer) uint32

// MetricDefine makes a metric, or finds the one of that name.
func MetricDefine(kind Metric, name string) (uint32, Status) {
	s := Status(proxyDefineMetric(uint32(kind), addr(name), uint32(len(name)), unsafe.Pointer(&outWord)))
	return outWord, s
}

// MetricRecord sets a gauge, observes a histogram, adds to a counter.
func MetricRecord(id uint32, value int64) Status { return Status(proxyRecordMetric(id, value)) }

// MetricIncrement moves a counter or gauge.
func MetricIncrement(id uint32, delta int64) Status { return Status(proxyIncrementMetric(id, delta)) }

// MetricGet is a counter's or gauge's value.
func MetricGet(id uint32) (uint64, Status) {
	s := Status(proxyGetMetric(id, unsafe.Pointer(&outLong)))
	return outLong, s
}
