package abi

import "unsafe"

//go:wasmimport env proxy_send_local_response
//go:noescape
func proxySendLocalResponse(status uint32, details unsafe.Pointer, detailsLen uint32, body unsafe.Pointer, bodyLen uint32,
	headers unsafe.Pointer, headersLen uint32, grpc int32) uint32

//go:wasmimport env proxy_continue_stream
func proxyContinueStream(d uint32) uint32

//go:wasmimport env proxy_close_stream
func proxyCloseStream(d uint32) uint32

//go:wasmimport env proxy_set_effective_context
func proxySetEffectiveContext(id uint32) uint32

//go:wasmimport env proxy_done
func proxyDone() uint32

// Reply answers in the upstream's place.
func Reply(status uint32, details, body string, headers []byte, grpc int32) Status {
	return Status(proxySendLocalResponse(status, addr(details), uint32(len(details)), addr(body), uint32(len(body)),
		addrBytes(headers), uint32(len(headers)), grpc))
}

// Continue ends a pause.
func Continue(d Direction) Status { return Status(proxyContinueStream(uint32(d))) }

// CloseStream ends the stream.
func CloseStream(d Direction) Status { return Status(proxyCloseStream(uint32(d))) }

// SetEffective makes the host calls that follow act on another context, until
// the callback ends.
func SetEffective(id uint32) Status { return Status(proxySetEffectiveContext(id)) }

// Done ends the wait that a false answer to on_done began.
func Done() Status { return Status(proxyDone()) }
