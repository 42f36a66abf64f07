package sdk

import (
	"unsafe"

	"github.com/weirproxy/weir/sdk/internal/abi"
)

// The exports of a module, in the order of the ABI's text.

// instance is the guest: in a module there is one.
var instance guest

//go:wasmexport proxy_abi_version_0_2_1
func proxyABIVersion() {}

// weirSDK tells Weir that context ids may be dense slots, and where it finds
// the memory for answers. See ABI.md.
//
//go:wasmexport weir_sdk
func weirSDK() unsafe.Pointer { return unsafe.Pointer(abi.Descriptor()) }

//go:wasmexport proxy_on_memory_allocate
func proxyOnMemoryAllocate(size uint32) unsafe.Pointer { return abi.Allocate(size) }

//go:wasmexport proxy_on_context_create
func proxyOnContextCreate(id, parent uint32) { instance.OnContextCreate(id, parent) }

//go:wasmexport proxy_on_vm_start
func proxyOnVMStart(root, size uint32) uint32 { return number(instance.OnVMStart(root, size)) }

//go:wasmexport proxy_on_configure
func proxyOnConfigure(root, size uint32) uint32 { return number(instance.OnConfigure(root, size)) }

//go:wasmexport proxy_on_tick
func proxyOnTick(root uint32) { instance.OnTick(root) }

//go:wasmexport proxy_on_request_headers
func proxyOnRequestHeaders(id, count, end uint32) uint32 {
	return instance.OnRequestHeaders(id, count, end != 0)
}

//go:wasmexport proxy_on_request_body
func proxyOnRequestBody(id, size, end uint32) uint32 {
	return instance.OnRequestBody(id, size, end != 0)
}

//go:wasmexport proxy_on_request_trailers
func proxyOnRequestTrailers(id, count uint32) uint32 { return instance.OnRequestTrailers(id, count) }

//go:wasmexport proxy_on_response_headers
func proxyOnResponseHeaders(id, count, end uint32) uint32 {
	return instance.OnResponseHeaders(id, count, end != 0)
}

//go:wasmexport proxy_on_response_body
func proxyOnResponseBody(id, size, end uint32) uint32 {
	return instance.OnResponseBody(id, size, end != 0)
}

//go:wasmexport proxy_on_response_trailers
func proxyOnResponseTrailers(id, count uint32) uint32 {
	return instance.OnResponseTrailers(id, count)
}

//go:wasmexport proxy_on_http_call_response
func proxyOnHTTPCallResponse(root, call, headers, body, trailers uint32) {
	instance.OnHTTPCall(root, call, headers, body, trailers)
}

//go:wasmexport proxy_on_grpc_receive_initial_metadata
func proxyOnGRPCInitial(root, call, count uint32) { instance.OnGRPCInitial(root, call, count) }

//go:wasmexport proxy_on_grpc_receive
func proxyOnGRPCReceive(root, call, size uint32) { instance.OnGRPCReceive(root, call, size) }

//go:wasmexport proxy_on_grpc_receive_trailing_metadata
func proxyOnGRPCTrailing(root, call, count uint32) { instance.OnGRPCTrailing(root, call, count) }

//go:wasmexport proxy_on_grpc_close
func proxyOnGRPCClose(root, call, status uint32) { instance.OnGRPCClose(root, call, status) }

//go:wasmexport proxy_on_queue_ready
func proxyOnQueueReady(root, queue uint32) { instance.OnQueueReady(root, queue) }

//go:wasmexport proxy_on_foreign_function
func proxyOnForeignFunction(id, function, size uint32) { instance.OnForeign(id, function, size) }

//go:wasmexport proxy_on_done
func proxyOnDone(id uint32) uint32 { return number(instance.OnDone(id)) }

//go:wasmexport proxy_on_log
func proxyOnLog(id uint32) { instance.OnLog(id) }

//go:wasmexport proxy_on_delete
func proxyOnDelete(id uint32) { instance.OnDelete(id) }

func number(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}
