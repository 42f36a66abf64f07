//go:build !wasm

package abi

// Call asks the current host.
func Call(cluster string, headers []byte, body string, trailers []byte, milliseconds uint32) (uint32, Status) {
	return Current.Call(cluster, headers, body, trailers, milliseconds)
}

// CallStatus asks the current host.
func CallStatus() (code uint32, text []byte, s Status) {
	return Current.CallStatus()
}

// Foreign asks the current host.
func Foreign(name string, args []byte) ([]byte, Status) {
	return Current.Foreign(name, args)
}
