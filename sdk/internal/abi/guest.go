package abi

// Guest is what a module answers to a host: one method for each callback of
// the ABI. Results are the ABI's numbers.
type Guest interface {
	OnContextCreate(id, parent uint32)
	OnVMStart(root, size uint32) bool
	OnConfigure(root, size uint32) bool
	OnTick(root uint32)
	OnRequestHeaders(id, count uint32, end bool) uint32
	OnRequestBody(id, size uint32, end bool) uint32
	OnRequestTrailers(id, count uint32) uint32
	OnResponseHeaders(id, count uint32, end bool) uint32
	OnResponseBody(id, size uint32, end bool) uint32
	OnResponseTrailers(id, count uint32) uint32
	OnNewConnection(id uint32) uint32
	OnDownstreamData(id, size uint32, end bool) uint32
	OnUpstreamData(id, size uint32, end bool) uint32
	OnDownstreamClose(id, by uint32)
	OnUpstreamClose(id, by uint32)
	OnHTTPCall(root, call, headers, body, trailers uint32)
	OnGRPCInitial(root, call, count uint32)
	OnGRPCReceive(root, call, size uint32)
	OnGRPCTrailing(root, call, count uint32)
	OnGRPCClose(root, call, status uint32)
	OnQueueReady(root, queue uint32)
	OnForeign(id, function, size uint32)
	OnDone(id uint32) bool
	OnLog(id uint32)
	OnDelete(id uint32)
}
