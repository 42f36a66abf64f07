package proxywasm

import (
	"net/netip"

	"github.com/weirproxy/weir/core/stream"
)

func (i *instance) connectionProperty(group, name string, nested bool) ([]byte, status) {
	if !nested {
		return nil, statusSerialization
	}
	s := i.stream()
	if s == nil {
		return nil, statusNotFound
	}
	info := s.Info()
	switch group {
	case "source":
		return i.peerProperty(info.Source, name)
	case "destination":
		return i.peerProperty(info.Destination, name)
	case "upstream":
		return i.upstreamProperty(info, name)
	}
	switch name {
	case "id":
		return i.integer(int64(info.Conn))
	case "mtls":
		i.scratch = append(i.scratch[:0], byte(bit(info.TLS != nil && (info.TLS.Peer != nil || info.TLS.PeerSPIFFE != ""))))
		return i.scratch, statusOK
	case "requested_server_name":
		if info.TLS == nil {
			return nil, statusOK
		}
		return i.literal(info.TLS.ServerName)
	}
	return i.tlsProperty(info.TLS, name)
}

func (i *instance) peerProperty(a netip.AddrPort, name string) ([]byte, status) {
	switch name {
	case "address":
		return i.address(a)
	case "port":
		return i.port(a)
	}
	return nil, statusNotFound
}

// upstreamProperty are those of the endpoint that was chosen last, but for the
// number of all.
func (i *instance) upstreamProperty(info *stream.Info, name string) ([]byte, status) {
	switch name {
	case "request_attempt_count":
		return i.integer(int64(info.Tries))
	case "num_endpoints":
		if info.Cluster == "" {
			return nil, statusNotFound
		}
		return i.integer(int64(info.Endpoints))
	}
	if !info.Upstream.IsValid() {
		return nil, statusNotFound
	}
	switch name {
	case "local_address":
		return i.address(info.UpstreamLocal)
	case "locality", "locality\x00region", "locality\x00zone", "locality\x00sub_zone":
		return nil, statusOK // endpoints have none
	case "transport_failure_reason":
		if info.Flags&stream.FlagUpstreamConnect == 0 {
			return nil, statusOK
		}
		return i.literal(info.Details)
	}
	if v, s := i.peerProperty(info.Upstream, name); s == statusOK {
		return v, s
	}
	return i.tlsProperty(info.Secured, name)
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
			return i.literal(ri.root.spec.Name)
		case "plugin_root_id":
			return i.literal(ri.root.spec.RootID)
		case "plugin_vm_id":
			return i.literal(i.vm.id)
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
		return i.integer(int64(info.Conn))
	case "listener_direction":
		direction := int64(directionUnspecified)
		switch info.Listener {
		case "inbound":
			direction = directionInbound
		case "outbound":
			direction = directionOutbound
		}
		return i.integer(direction)
	}
	return nil, statusNotFound
}

// weirProperty are our own: see sdk/ABI.md.
func (i *instance) weirProperty(name string) ([]byte, status) {
	switch name {
	case "lane":
		return i.integer(int64(i.lane))
	case "version":
		return some(raw(i.vm.host.Version))
	case "role":
		return some(raw(i.vm.host.Role))
	case "filter":
		if ri := i.frame.at.root; ri != nil {
			return i.literal(ri.root.spec.Name)
		}
		return nil, statusNotFound
	case "security":
		if ri := i.frame.at.root; ri != nil {
			return i.integer(int64(bit(ri.root.spec.Security)))
		}
		return nil, statusNotFound
	case "on_pause":
		if ri := i.frame.at.root; ri != nil {
			return i.literal(ri.root.spec.onPause())
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
	case "peer":
		if info.TLS == nil {
			return nil, statusNotFound
		}
		return some(raw(info.TLS.PeerSPIFFE))
	case "trace_id":
		return i.traceProperty(info.Trace.Trace[:], info)
	case "span_id":
		return i.traceProperty(info.Trace.Span[:], info)
	case "stream_id":
		return i.integer(int64(info.ID))
	case "tries":
		return i.integer(int64(info.Tries))
	}
	return nil, statusNotFound
}
