package httpwasm

import (
	"net/http"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// getMethod is get_method(buf, limit).
func (i *instance) getMethod(a []uint64) uint64 {
	return i.give(a[0], a[1], i.part.stream.Request().Method)
}

// setMethod is set_method(method, size).
func (i *instance) setMethod(a []uint64) uint64 {
	p := i.part
	p.mutable(filter.Request, "set_method")
	b := i.bytes("set_method", a[0], a[1])
	if !stream.ValidName(b) { // a method is a token, as names are
		trap("set_method: not a method")
	}
	p.stream.Request().Method = i.keep(b)
	return 0
}

// getURI is get_uri(buf, limit): path and query.
func (i *instance) getURI(a []uint64) uint64 {
	path := i.part.stream.Request().Path
	if len(path) == 0 {
		path = slash
	}
	return i.give(a[0], a[1], path)
}

var slash = []byte("/")

// setURI is set_uri(uri, size). An empty one is "/".
func (i *instance) setURI(a []uint64) uint64 {
	p := i.part
	p.mutable(filter.Request, "set_uri")
	b := i.bytes("set_uri", a[0], a[1])
	switch {
	case len(b) == 0:
		b = slash
	case b[0] != '/' || !visible(b):
		trap("set_uri: must begin with a slash and have no blanks or control characters")
	}
	p.stream.Request().Path = i.keep(b)
	return 0
}

// visible says that there are neither blanks nor control characters in b.
func visible(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c == 0x7f {
			return false
		}
	}
	return true
}

// keep copies b into memory that lives as long as the stream.
func (i *instance) keep(b []byte) []byte {
	i.spend(len(b))
	return append(make([]byte, 0, len(b)), b...)
}

// The protocol versions, as net/http spells them.
var http10, http11, http20 = []byte("HTTP/1.0"), []byte("HTTP/1.1"), []byte("HTTP/2.0")

// getProtocolVersion is get_protocol_version(buf, limit): the client's.
func (i *instance) getProtocolVersion(a []uint64) uint64 {
	version := http11
	switch i.part.stream.Request().Version {
	case stream.HTTP10:
		version = http10
	case stream.HTTP2:
		version = http20
	}
	return i.give(a[0], a[1], version)
}

// getSourceAddr is get_source_addr(buf, limit): the peer's address and port.
func (i *instance) getSourceAddr(a []uint64) uint64 {
	i.scratch = i.part.stream.Info().Source.AppendTo(i.scratch[:0])
	return i.give(a[0], a[1], i.scratch)
}

// getStatusCode is get_status_code().
func (i *instance) getStatusCode([]uint64) uint64 {
	p := i.part
	if p.stage != stageRequest {
		if h := p.stream.Response(); h != nil {
			return uint64(h.Status)
		}
	}
	if p.status == 0 {
		return http.StatusOK
	}
	return uint64(p.status)
}

// setStatusCode is set_status_code(code). Informational ones would leave the
// client waiting.
func (i *instance) setStatusCode(a []uint64) uint64 {
	p := i.part
	p.mutable(filter.Response, "set_status_code")
	code := int(uint32(a[0]))
	if code < 200 || code > 599 {
		trap("set_status_code: %d is not from 200 to 599", code)
	}
	if h := p.stream.Response(); h != nil && p.stage != stageRequest {
		h.Status = code
	} else {
		p.status = code
	}
	return 0
}
