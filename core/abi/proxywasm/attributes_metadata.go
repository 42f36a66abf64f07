package proxywasm

import (
	"strconv"
	"strings"

	"github.com/weirproxy/weir/core/stream"
)

// xdsProperty are those of what the configuration made.
func (i *instance) xdsProperty(path string, nested bool) ([]byte, status) {
	if !nested {
		return nil, statusSerialization
	}
	name, rest, deeper := strings.Cut(path, "\x00")
	if name == "node" {
		return i.nodeProperty(rest, deeper)
	}
	s := i.stream()
	if s == nil {
		return nil, statusNotFound
	}
	info := s.Info()
	switch name {
	case "route_metadata":
		return i.metadataProperty(info.RouteMetadata, info.Route != "", rest, deeper)
	case "cluster_metadata":
		return i.metadataProperty(info.ClusterMetadata, info.Cluster != "", rest, deeper)
	case "listener_metadata":
		return i.metadataProperty(nil, true, rest, deeper) // listeners have none
	}
	if deeper {
		return nil, statusNotFound
	}
	switch name {
	case "route_name", "cluster_name", "listener_direction":
		return i.topProperty(name)
	case "filter_chain_name":
		return nil, statusOK
	case "upstream_host_metadata", "upstream_host_locality_metadata":
		return i.ofUpstream(info)
	}
	return nil, statusNotFound
}

// ofUpstream answers for what an endpoint could have and ours do not: as in
// Envoy it is a null, which has no form, once there is an endpoint.
func (i *instance) ofUpstream(info *stream.Info) ([]byte, status) {
	if info.Upstream.IsValid() {
		return nil, statusSerialization
	}
	return nil, statusNotFound
}

// metadataProperty is one of the message config.core.v3.Metadata, whose tables
// are filter_metadata, or of what path names in it. there says whether there is
// what the metadata are of.
func (i *instance) metadataProperty(t stream.Table, there bool, path string, nested bool) ([]byte, status) {
	if !there {
		return nil, statusNotFound
	}
	if !nested {
		i.scratch = appendMetadata(i.scratch[:0], t)
		return i.message()
	}
	field, rest, deeper := strings.Cut(path, "\x00")
	switch field {
	case "filter_metadata":
		return i.valueProperty(t, rest, deeper)
	case "typed_filter_metadata":
		return i.valueProperty(stream.Table(nil), rest, deeper)
	}
	return nil, statusNotFound
}

// valueProperty is v, or what path names in it.
func (i *instance) valueProperty(v any, path string, nested bool) ([]byte, status) {
	for nested {
		var name string
		name, path, nested = strings.Cut(path, "\x00")
		if v = inner(v, name); v == nil {
			return nil, statusNotFound
		}
	}
	i.scratch = appendValue(i.scratch[:0], v)
	return i.message()
}

// inner is what a table or list has under a name, or nil.
func inner(v any, name string) any {
	switch v := v.(type) {
	case stream.Table:
		e, _ := v.Get(name)
		return e
	case stream.List:
		if n, err := strconv.Atoi(strings.Trim(name, " ")); err == nil && n >= 0 && n < len(v) {
			return v[n]
		}
	}
	return nil
}
