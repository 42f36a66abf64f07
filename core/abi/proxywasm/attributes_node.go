package proxywasm

import (
	"encoding/binary"
	"strings"
)

// nodeProperty are those of the proxy, which Envoy has under "xds" and Weir at
// the top too.
func (i *instance) nodeProperty(name string, nested bool) ([]byte, status) {
	if !nested {
		return i.nodeMessage()
	}
	if name == "id" {
		return i.literal(i.vm.host.Node)
	}
	return nil, statusNotFound
}

// nodeMessage is Envoy's config.core.v3.Node with its first field, the id.
func (i *instance) nodeMessage() ([]byte, status) {
	i.scratch = append(i.scratch[:0], 1<<3|2)
	i.scratch = binary.AppendUvarint(i.scratch, uint64(len(i.vm.host.Node)))
	i.scratch = append(i.scratch, i.vm.host.Node...)
	return i.scratch, statusOK
}

// xdsProperty are those of what the configuration made.
func (i *instance) xdsProperty(name string, nested bool) ([]byte, status) {
	if !nested {
		return nil, statusSerialization
	}
	if name == "node" {
		return i.nodeMessage()
	}
	if rest, ok := strings.CutPrefix(name, "node\x00"); ok {
		return i.nodeProperty(rest, true)
	}
	switch name {
	case "route_name", "cluster_name", "listener_direction":
		return i.topProperty(name)
	case "listener_metadata", "filter_chain_name":
		return nil, i.onStream()
	// Nothing has metadata: it is the empty message where there is what it
	// would be of.
	case "route_metadata":
		_, s := i.topProperty("route_name")
		return nil, s
	case "cluster_metadata":
		_, s := i.topProperty("cluster_name")
		return nil, s
	case "upstream_host_metadata":
		_, s := i.connectionProperty("upstream", "port", true)
		return nil, s
	}
	return nil, statusNotFound
}

// onStream is OK where the effective context is a stream's.
func (i *instance) onStream() status {
	if i.stream() == nil {
		return statusNotFound
	}
	return statusOK
}
