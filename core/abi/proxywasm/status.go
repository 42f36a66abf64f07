package proxywasm

// status is what a host function answers. Only values that the Rust SDK knows
// are ever used: another is undefined behaviour in it.
type status uint32

// The statuses, by the ABI's numbers.
const (
	statusOK              status = 0
	statusNotFound        status = 1
	statusBadArgument     status = 2
	statusSerialization   status = 3
	statusParseFailure    status = 4
	statusInvalidMemory   status = 6
	statusEmpty           status = 7
	statusCASMismatch     status = 8
	statusInternalFailure status = 10
	statusUnimplemented   status = 12
)

// The maps of fields, by the ABI's numbers.
const (
	mapRequestHeaders   = 0
	mapRequestTrailers  = 1
	mapResponseHeaders  = 2
	mapResponseTrailers = 3
	mapGRPCInitial      = 4
	mapGRPCTrailing     = 5
	mapCallHeaders      = 6
	mapCallTrailers     = 7
)

// The buffers, by the ABI's numbers.
const (
	bufferRequestBody  = 0
	bufferResponseBody = 1
	bufferDownstream   = 2
	bufferUpstream     = 3
	bufferCallBody     = 4
	bufferGRPC         = 5
	bufferVMConfig     = 6
	bufferPluginConfig = 7
	bufferForeignArgs  = 8
)

// The streams that can be continued or closed, by the ABI's numbers.
const (
	streamRequest    = 0
	streamResponse   = 1
	streamDownstream = 2
	streamUpstream   = 3
)
