package abi

import "unsafe"

//go:wasmimport env proxy_get_property
//go:noescape
func proxyGetProperty(path unsafe.Pointer, pathLen uint32, data, size unsafe.Pointer) uint32

//go:wasmimport env proxy_set_property
//go:noescape
func proxySetProperty(path unsafe.Pointer, pathLen uint32, value unsafe.Pointer, valueLen uint32) uint32

//go:wasmimport env proxy_log
//go:noescape
func proxyLog(level uint32, text unsafe.Pointer, size uint32) uint32

//go:wasmimport env proxy_get_log_level
//go:noescape
func proxyGetLogLevel(level unsafe.Pointer) uint32

//go:wasmimport env proxy_get_current_time_nanoseconds
//go:noescape
func proxyGetCurrentTime(ns unsafe.Pointer) uint32

//go:wasmimport env proxy_set_tick_period_milliseconds
func proxySetTickPeriod(ms uint32) uint32

// PropertyGet is the value at path, whose segments are parted by NUL.
func PropertyGet(path string) ([]byte, Status) {
	return answer(Status(proxyGetProperty(addr(path), uint32(len(path)), unsafe.Pointer(&outData), unsafe.Pointer(&outSize))))
}

// PropertySet gives the stream a property.
func PropertySet(path, value string) Status {
	return Status(proxySetProperty(addr(path), uint32(len(path)), addr(value), uint32(len(value))))
}

// Log writes a line to the host's log.
func Log(level uint32, text string) Status {
	return Status(proxyLog(level, addr(text), uint32(len(text))))
}

// LogLevel is the lowest level that the host writes.
func LogLevel() (uint32, Status) {
	s := Status(proxyGetLogLevel(unsafe.Pointer(&outWord)))
	return outWord, s
}

// Now is the wall clock in nanoseconds since 1970.
func Now() int64 {
	proxyGetCurrentTime(unsafe.Pointer(&outLong))
	return int64(outLong)
}

// SetTick arms the root context's timer; 0 stops it.
func SetTick(milliseconds uint32) Status { return Status(proxySetTickPeriod(milliseconds)) }
