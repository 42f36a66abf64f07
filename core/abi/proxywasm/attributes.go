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

func (i *instance) int64(v int64) ([]byte, status) {
	i.scratch = binary.LittleEndian.AppendUint64(i.scratch[:0], uint64(v))
	return i.scratch, statusOK
}

func (i *instance) string(s string) ([]byte, status) {
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
	return i.int64(int64(a.Port()))
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
		return i.string(r.Version.String())
	case "id":
		return some(r.Headers.Peek("x-request-id"))
	case "referer":
		return some(r.Headers.Peek("referer"))
	case "useragent":
		return some(r.Headers.Peek("user-agent"))
	case "headers":
		return i.serialised(&r.Headers), statusOK
	case "time":
		return i.int64(info.Start.UnixNano())
	case "duration":
		if m == momentLog {
			return i.int64(int64(time.Since(info.Start)))
		}
		return nil, statusNotFound
	case "size":
		return i.int64(info.RequestBytes)
	case "total_size":
		return i.int64(info.RequestBytes + int64(info.RequestHead))
	}
	if field, ok := strings.CutPrefix(name, "headers\x00"); ok {
		return field1(&r.Headers, i.lower(raw(field)))
	}
	return nil, statusNotFound
}

func field1(h *stream.Headers, name string) ([]byte, status) {
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
		return i.int64(int64(info.Flags))
	case "size":
		return i.int64(info.ResponseBytes)
	case "code_details":
		if info.Details == "" {
			return nil, statusNotFound
		}
		return i.string(info.Details)
	case "backend_latency":
		if m == momentLog && info.UpstreamTime > 0 {
			return i.int64(int64(info.UpstreamTime))
		}
		return nil, statusNotFound
	}
	if r == nil {
		return nil, statusNotFound
	}
	trailers := s.Trailers(filter.Response)
	switch name {
	case "code":
		return i.int64(int64(r.Status))
	case "total_size":
		return i.int64(info.ResponseBytes + int64(r.Headers.Size()))
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
		return field1(&r.Headers, i.lower(raw(field)))
	}
	if field, ok := strings.CutPrefix(name, "trailers\x00"); ok {
		return field1(trailers, i.lower(raw(field)))
	}
	return nil, statusNotFound
}

// grpcStatus is that of the trailers, or of a response that has only a head.
func (i *instance) grpcStatus(head, trailers *stream.Headers) ([]byte, status) {
	v, s := field1(trailers, "grpc-status")
	if s != statusOK {
		v, s = field1(head, "grpc-status")
	}
	n, err := strconv.ParseUint(text(v), 10, 31)
	if s != statusOK || err != nil {
		return nil, statusNotFound
	}
	return i.int64(int64(n))
}

func (i *instance) connectionProperty(group, name string, nested bool) ([]byte, status) {
	if !nested {
		return nil, statusSerialization
	}
	s := i.stream()
	if s == nil {
		return nil, statusNotFound
	}
	info := s.Info()
	peers := [...]struct {
		group string
		addr  netip.AddrPort
	}{{"source", info.Source}, {"destination", info.Destination}, {"upstream", info.Upstream}}
	for k := range peers {
		if peers[k].group != group {
			continue
		}
		switch name {
		case "address":
			return i.address(peers[k].addr)
		case "port":
			return i.port(peers[k].addr)
		}
		return nil, statusNotFound
	}
	switch name {
	case "id":
		return i.int64(int64(info.Conn))
	case "mtls":
		i.scratch = append(i.scratch[:0], byte(bit(info.TLS != nil && info.TLS.PeerSPIFFE != "")))
		return i.scratch, statusOK
	case "requested_server_name":
		if info.TLS == nil {
			return nil, statusOK
		}
		return i.string(info.TLS.ServerName)
	case "tls_version":
		if info.TLS != nil && info.TLS.Version != "" {
			return i.string(info.TLS.Version)
		}
	case "uri_san_peer_certificate":
		if info.TLS != nil && info.TLS.PeerSPIFFE != "" {
			return i.string(info.TLS.PeerSPIFFE)
		}
	}
	return nil, statusNotFound
}

// nodeProperty are those of the proxy and its configuration, which Envoy has
// under "xds" and Weir under "node" too.
func (i *instance) nodeProperty(group, name string, nested bool) ([]byte, status) {
	if !nested {
		return nil, statusSerialization
	}
	if group == "xds" {
		switch name {
		case "node":
			return nil, statusSerialization
		case "node\x00id":
			return i.string(i.vm.host.Node)
		case "route_name", "cluster_name", "listener_direction":
			return i.topProperty(name)
		}
		return nil, statusNotFound
	}
	if name == "id" {
		return i.string(i.vm.host.Node)
	}
	return nil, statusNotFound
}

// The traffic directions of Envoy.
const (
	directionUnspecified = 0
	directionInbound     = 1
	directionOutbound    = 2
)

func (i *instance) topProperty(name string) ([]byte, status) {
	if ri := i.frame.at.root; ri != nil {
		switch name {
		case "plugin_name":
			return i.string(ri.root.spec.Name)
		case "plugin_root_id":
			return i.string(ri.root.spec.RootID)
		case "plugin_vm_id":
			return i.string(i.vm.id)
		}
	}
	s := i.stream()
	if s == nil {
		return nil, statusNotFound
	}
	info := s.Info()
	switch name {
	case "route_name":
		return some(raw(info.Route))
	case "cluster_name":
		return some(raw(info.Cluster))
	case "connection_id":
		return i.int64(int64(info.Conn))
	case "listener_direction":
		direction := int64(directionUnspecified)
		switch info.Listener {
		case "inbound":
			direction = directionInbound
		case "outbound":
			direction = directionOutbound
		}
		return i.int64(direction)
	}
	return nil, statusNotFound
}

// weirProperty are our own: see sdk/ABI.md.
func (i *instance) weirProperty(name string) ([]byte, status) {
	switch name {
	case "lane":
		return i.int64(int64(i.lane))
	case "version":
		return some(raw(i.vm.host.Version))
	case "role":
		return some(raw(i.vm.host.Role))
	case "filter":
		if ri := i.frame.at.root; ri != nil {
			return i.string(ri.root.spec.Name)
		}
		return nil, statusNotFound
	}
	s := i.stream()
	if s == nil {
		return nil, statusNotFound
	}
	info := s.Info()
	switch name {
	case "client_ip":
		ip := info.Client
		if !ip.IsValid() {
			ip = info.Source.Addr()
		}
		if !ip.IsValid() {
			return nil, statusNotFound
		}
		i.scratch = ip.Unmap().AppendTo(i.scratch[:0])
		return i.scratch, statusOK
	case "listener":
		return some(raw(info.Listener))
	case "cluster":
		return some(raw(info.Cluster))
	case "stream_id":
		return i.int64(int64(info.ID))
	case "tries":
		return i.int64(int64(info.Tries))
	}
	return nil, statusNotFound
}
