package sdk

// handlers are the phases a value takes part in, found once: a callback then
// costs a nil check and a method call, no type assertion.
type handlers struct {
	requestHeaders   RequestHeadersHandler
	requestBody      RequestBodyHandler
	requestTrailers  RequestTrailersHandler
	responseHeaders  ResponseHeadersHandler
	responseBody     ResponseBodyHandler
	responseTrailers ResponseTrailersHandler
	log              LogHandler
	call             HTTPCallHandler
	foreign          ForeignHandler
	reset            Resetter
	connection       connectionHandlers
}

func (h *handlers) find(v any) {
	h.requestHeaders, _ = v.(RequestHeadersHandler)
	h.requestBody, _ = v.(RequestBodyHandler)
	h.requestTrailers, _ = v.(RequestTrailersHandler)
	h.responseHeaders, _ = v.(ResponseHeadersHandler)
	h.responseBody, _ = v.(ResponseBodyHandler)
	h.responseTrailers, _ = v.(ResponseTrailersHandler)
	h.log, _ = v.(LogHandler)
	h.call, _ = v.(HTTPCallHandler)
	h.foreign, _ = v.(ForeignHandler)
	h.reset, _ = v.(Resetter)
	h.connection.find(v)
}

// stateless, among the bits, says that streams need no context of their own.
const stateless = 1 << 7

// bits is the set that weir.phases declares.
func (h *handlers) bits() uint32 {
	b := uint32(0)
	for i, has := range [...]bool{
		h.requestHeaders != nil, h.requestBody != nil, h.requestTrailers != nil,
		h.responseHeaders != nil, h.responseBody != nil, h.responseTrailers != nil,
		h.log != nil,
	} {
		if has {
			b |= 1 << i
		}
	}
	return b | h.connection.bits()
}
