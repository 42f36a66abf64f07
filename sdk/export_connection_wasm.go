package sdk

// The exports of a module for TCP connections.

//go:wasmexport proxy_on_new_connection
func proxyOnNewConnection(id uint32) uint32 { return instance.OnNewConnection(id) }

//go:wasmexport proxy_on_downstream_data
func proxyOnDownstreamData(id, size, end uint32) uint32 {
	return instance.OnDownstreamData(id, size, end != 0)
}

//go:wasmexport proxy_on_upstream_data
func proxyOnUpstreamData(id, size, end uint32) uint32 {
	return instance.OnUpstreamData(id, size, end != 0)
}

//go:wasmexport proxy_on_downstream_connection_close
func proxyOnDownstreamConnectionClose(id, by uint32) { instance.OnDownstreamClose(id, by) }

//go:wasmexport proxy_on_upstream_connection_close
func proxyOnUpstreamConnectionClose(id, by uint32) { instance.OnUpstreamClose(id, by) }
