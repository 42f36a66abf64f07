package proxywasm

import "strings"

// owned says whether a property is the host's alone to tell. Where it has
// nothing to tell, such as whose certificate a plain connection has, no filter
// may have said it in its place to those behind it.
func owned(path string) bool {
	group, _, _ := strings.Cut(path, "\x00")
	switch group {
	case "request", "response", "source", "destination", "connection", "upstream", "node", "xds",
		"plugin_name", "plugin_root_id", "plugin_vm_id",
		"route_name", "route_metadata", "cluster_name", "cluster_metadata", "connection_id",
		"listener_direction", "listener_metadata", "upstream_host_metadata", "upstream_filter_state", "metadata":
		return true
	}
	return false
}

// readOnly says whether it is one of ours that filters may only read. path is
// one segment.
func readOnly(path string) bool {
	name, ours := strings.CutPrefix(path, "weir.")
	switch name {
	case "lane", "version", "role", "filter", "security", "on_pause", "client_ip", "listener", "peer", "stream_id", "tries", "trace_id", "span_id":
		return ours
	}
	return ours && strings.HasPrefix(name, "path.")
}
