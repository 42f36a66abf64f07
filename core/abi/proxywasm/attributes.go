package proxywasm

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/filter"
	"github.com/weirproxy/weir/core/stream"
)

// The attributes, as Envoy names them. Strings are their bytes, numbers, times
// and durations 8 bytes, truths one.

// integer is a number, a time or a duration as guests read it.
func (i *instance) integer(v int64) ([]byte, status) {
	i.scratch = binary.LittleEndian.AppendUint64(i.scratch[:0], uint64(v))
	return i.scratch, statusOK
}

// literal is a text of ours.
func (i *instance) literal(s string) ([]byte, status) {
	i.scratch = append(i.scratch[:0], s...)
	return i.scratch, statusOK
}

// some is v unless it is empty.
func some(v []byte) ([]byte, status) {
	if len(v) == 0 {
		return nil, statusNotFound
	}
	return v, statusOK
}

func (i *instance) address(a netip.AddrPort) ([]byte, status) {
	if !a.IsValid() {
		return nil, statusNotFound
	}
	i.scratch = a.AppendTo(i.scratch[:0])
	return i.scratch, statusOK
}

func (i *instance) port(a netip.AddrPort) ([]byte, status) {
	if !a.IsValid() {
		return nil, statusNotFound
	}
	return i.integer(int64(a.Port()))
}

func (i *instance) requestProperty(name string, nested bool) ([]byte, status) {
	if !nested {
		return nil, statusSerialization
	}
	s, m := i.moment()
	if m == momentNone {
		return nil, statusNotFound
	}
	r, info := s.Request(), s.Info()
	switch name {
	case "path":
		return some(r.Path)
	case "url_path":
		p, _, _ := bytes.Cut(r.Path, []byte("?"))
		return some(p)
	case "query":
		_, q, _ := bytes.Cut(r.Path, []byte("?"))
		return q, statusOK
	case "host":
		return some(r.Authority)
	case "scheme":
		return some(r.Scheme)
	case "method":
		return some(r.Method)
	case "protocol":
		return i.literal(r.Version.String())
	case "id":
		return some(r.Headers.Peek("x-request-id"))
	case "referer":
		return some(r.Headers.Peek("referer"))
	case "useragent":
		return some(r.Headers.Peek("user-agent"))
	case "headers":
		return i.serialised(&r.Headers), statusOK
	case "time":
		return i.integer(info.Start.UnixNano())
	case "duration":
		if m == momentLog {
			return i.integer(int64(time.Since(info.Start)))
		}
		return nil, statusNotFound
	case "size":
		return i.integer(info.RequestBytes)
	case "total_size":
		return i.integer(info.RequestBytes + int64(info.RequestHead))
	}
	if field, ok := strings.CutPrefix(name, "headers\x00"); ok {
		return fieldProperty(&r.Headers, i.lower(raw(field)))
	}
	return nil, statusNotFound
}

// fieldProperty is the first value of a field.
func fieldProperty(h *stream.Headers, name string) ([]byte, status) {
	if h != nil {
		if v, ok := h.Get(name); ok {
			return v, statusOK
		}
	}
	return nil, statusNotFound
}

func (i *instance) responseProperty(name string, nested bool) ([]byte, status) {
	if !nested {
		return nil, statusSerialization
	}
	s, m := i.moment()
	if m == momentNone {
		return nil, statusNotFound
	}
	r, info := s.Response(), s.Info()
	switch name {
	case "flags":
		return i.integer(int64(info.Flags))
	case "size":
		return i.integer(info.ResponseBytes)
	case "code_details":
		if info.Details == "" {
			return nil, statusNotFound
		}
		return i.literal(info.Details)
	case "backend_latency":
		if m == momentLog && info.UpstreamTime > 0 {
			return i.integer(int64(info.UpstreamTime))
		}
		return nil, statusNotFound
	}
	if r == nil {
		return nil, statusNotFound
	}
	trailers := s.Trailers(filter.Response)
	switch name {
	case "code":
		return i.integer(int64(r.Status))
	case "total_size":
		return i.integer(info.ResponseBytes + int64(r.Headers.Size()))
	case "headers":
		return i.serialised(&r.Headers), statusOK
	case "trailers":
		if trailers == nil {
			return nil, statusOK
		}
		return i.serialised(trailers), statusOK
	case "grpc_status":
		return i.grpcStatus(&r.Headers, trailers)
	}
	if field, ok := strings.CutPrefix(name, "headers\x00"); ok {
		return fieldProperty(&r.Headers, i.lower(raw(field)))
	}
	if field, ok := strings.CutPrefix(name, "trailers\x00"); ok {
		return fieldProperty(trailers, i.lower(raw(field)))
	}
	return nil, statusNotFound
}

// grpcStatus is that of the trailers, or of a response that has only a head.
func (i *instance) grpcStatus(head, trailers *stream.Headers) ([]byte, status) {
	v, s := fieldProperty(trailers, "grpc-status")
	if s != statusOK {
		v, s = fieldProperty(head, "grpc-status")
	}
	n, err := strconv.ParseUint(text(v), 10, 31)
	if s != statusOK || err != nil {
		return nil, statusNotFound
	}
	return i.integer(int64(n))
}
