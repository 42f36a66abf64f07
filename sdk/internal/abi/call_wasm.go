package abi

import "unsafe"

//go:wasmimport env proxy_http_call
//go:noescape
func proxyHTTPCall(cluster unsafe.Pointer, clusterLen uint32, headers unsafe.Pointer, headersLen uint32,
	body unsafe.Pointer, bodyLen uint32, trailers unsafe.Pointer, trailersLen uint32, ms uint32, id unsafe.Pointer) uint32

//go:wasmimport env proxy_get_status
//go:noescape
func proxyGetStatus(code, data, size unsafe.Pointer) uint32

//go:wasmimport env proxy_call_foreign_function
//go:noescape
func proxyCallForeignFunction(name unsafe.Pointer, nameLen uint32, args unsafe.Pointer, argsLen uint32, data, size unsafe.Pointer) uint32

// Call begins an HTTP request to a cluster.
func Call(cluster string, headers []byte, body string, trailers []byte, milliseconds uint32) (uint32, Status) {
	s := Status(proxyHTTPCall(addr(cluster), uint32(len(cluster)), addrBytes(headers), uint32(len(headers)),
		addr(body), uint32(len(body)), addrBytes(trailers), uint32(len(trailers)), milliseconds, unsafe.Pointer(&outWord)))
	return outWord, s
}

// CallStatus is how the call ended whose answer is being delivered.
func CallStatus() (code uint32, text []byte, s Status) {
	s = Status(proxyGetStatus(unsafe.Pointer(&outWord), unsafe.Pointer(&outData), unsafe.Pointer(&outSize)))
	text, s = answer(s)
	return outWord, text, s
}

// Foreign calls a function that the host offers beyond the ABI.
func Foreign(name string, args []byte) ([]byte, Status) {
	outData, outSize = nil, 0
	return answer(Status(proxyCallForeignFunction(addr(name), uint32(len(name)), addrBytes(args), uint32(len(args)),
		unsafe.Pointer(&outData), unsafe.Pointer(&outSize))))
}
