package abi

import "unsafe"

//go:wasmimport env proxy_grpc_call
//go:noescape
func proxyGRPCCall(cluster unsafe.Pointer, clusterLen uint32, service unsafe.Pointer, serviceLen uint32, method unsafe.Pointer, methodLen uint32,
	metadata unsafe.Pointer, metadataLen uint32, message unsafe.Pointer, messageLen uint32, ms uint32, id unsafe.Pointer) uint32

//go:wasmimport env proxy_grpc_stream
//go:noescape
func proxyGRPCStream(cluster unsafe.Pointer, clusterLen uint32, service unsafe.Pointer, serviceLen uint32, method unsafe.Pointer, methodLen uint32,
	metadata unsafe.Pointer, metadataLen uint32, id unsafe.Pointer) uint32

//go:wasmimport env proxy_grpc_send
//go:noescape
func proxyGRPCSend(id uint32, message unsafe.Pointer, messageLen, end uint32) uint32

//go:wasmimport env proxy_grpc_close
func proxyGRPCClose(id uint32) uint32

//go:wasmimport env proxy_grpc_cancel
func proxyGRPCCancel(id uint32) uint32

// GRPCCall begins a call with one message each way.
func GRPCCall(cluster, service, method string, metadata []byte, message string, milliseconds uint32) (uint32, Status) {
	s := Status(proxyGRPCCall(addr(cluster), uint32(len(cluster)), addr(service), uint32(len(service)), addr(method), uint32(len(method)),
		addrBytes(metadata), uint32(len(metadata)), addr(message), uint32(len(message)), milliseconds, unsafe.Pointer(&outWord)))
	return outWord, s
}

// GRPCStream begins a call with messages both ways.
func GRPCStream(cluster, service, method string, metadata []byte) (uint32, Status) {
	s := Status(proxyGRPCStream(addr(cluster), uint32(len(cluster)), addr(service), uint32(len(service)), addr(method), uint32(len(method)),
		addrBytes(metadata), uint32(len(metadata)), unsafe.Pointer(&outWord)))
	return outWord, s
}

// GRPCSend sends a message of a stream.
func GRPCSend(id uint32, message string, end bool) Status {
	last := uint32(0)
	if end {
		last = 1
	}
	return Status(proxyGRPCSend(id, addr(message), uint32(len(message)), last))
}

// GRPCClose ends our half of a stream.
func GRPCClose(id uint32) Status { return Status(proxyGRPCClose(id)) }

// GRPCCancel gives a call or stream up.
func GRPCCancel(id uint32) Status { return Status(proxyGRPCCancel(id)) }
