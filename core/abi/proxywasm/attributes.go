package proxywasm

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strconv"
	"strings"

	"github.com/weirproxy/weir/core/filter"
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
	if m == momentNone || i.onConnection() {
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
		return i.fieldsProperty(requestMap(s))
	case "time":
		return i.integer(info.Start.UnixNano())
	case "duration":
		if m == momentLog {
			return i.integer(int64(i.vm.host.Clock.Now().Sub(info.Start)))
		}
		return nil, statusNotFound
	case "headers_bytes":
		_, n := i.measure(requestMap(s))
		return i.integer(int64(n))
	case "size":
		return i.integer(info.RequestBytes)
	case "total_size":
		return i.integer(info.RequestBytes + int64(info.RequestHead))
	}
	if field, ok := strings.CutPrefix(name, "headers\x00"); ok {
		return i.fieldProperty(requestMap(s), field)
	}
	return nil, statusNotFound
}

func (i *instance) responseProperty(name string, nested bool) ([]byte, status) {
	if !nested {
		return nil, statusSerialization
	}
	s := i.stream()
	if s == nil || i.onConnection() {
		return nil, statusNotFound
	}
	_, m := i.moment()
	r, info := s.Response(), s.Info()
	switch name {
	case "flags":
		return i.integer(int64(info.Flags))
	case "size":
		return i.integer(info.ResponseBytes)
	case "code_details":
		if info.Details == "" && r == nil { // a local reply may have none
			return nil, statusNotFound
		}
		return i.literal(info.Details)
	case "backend_latency":
		if m == momentLog && info.UpstreamTime > 0 {
			return i.integer(int64(info.UpstreamTime))
		}
		return nil, statusNotFound
	}
	var head, trailers fieldMap // empty before there is a response, and at the stream's end
	if r != nil && m != momentNone {
		head, trailers = responseMap(r), fieldMap{list: s.Trailers(filter.Response)}
	}
	switch name {
	case "total_size":
		if r == nil {
			return i.integer(0)
		}
		return i.integer(info.ResponseBytes + int64(r.Headers.Size()))
	case "headers":
		return i.fieldsProperty(head)
	case "headers_bytes":
		_, n := i.measure(head)
		return i.integer(int64(n))
	case "trailers":
		return i.fieldsProperty(trailers)
	case "code":
		if r == nil || r.Status == 0 {
			return nil, statusNotFound
		}
		return i.integer(int64(r.Status))
	case "grpc_status":
		return i.grpcStatus(head, trailers)
	}
	if field, ok := strings.CutPrefix(name, "headers\x00"); ok {
		return i.fieldProperty(head, field)
	}
	if field, ok := strings.CutPrefix(name, "trailers\x00"); ok {
		return i.fieldProperty(trailers, field)
	}
	return nil, statusNotFound
}

// grpcStatus is that of the trailers, or of a response that has only a head.
func (i *instance) grpcStatus(head, trailers fieldMap) ([]byte, status) {
	v, ok := i.first(trailers, "grpc-status")
	if !ok {
		v, ok = i.first(head, "grpc-status")
	}
	n, err := strconv.ParseUint(text(v), 10, 31)
	if !ok || err != nil {
		return nil, statusNotFound
	}
	return i.integer(int64(n))
}
