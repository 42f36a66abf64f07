//go:build !wasm

package abi

// GRPCCall asks the current host.
func GRPCCall(cluster, service, method string, metadata []byte, message string, milliseconds uint32) (uint32, Status) {
	return Current.GRPCCall(cluster, service, method, metadata, message, milliseconds)
}

// GRPCStream asks the current host.
func GRPCStream(cluster, service, method string, metadata []byte) (uint32, Status) {
	return Current.GRPCStream(cluster, service, method, metadata)
}

// GRPCSend asks the current host.
func GRPCSend(id uint32, message string, end bool) Status { return Current.GRPCSend(id, message, end) }

// GRPCClose asks the current host.
func GRPCClose(id uint32) Status { return Current.GRPCClose(id) }

// GRPCCancel asks the current host.
func GRPCCancel(id uint32) Status { return Current.GRPCCancel(id) }
