//go:build !wasm

package abi

// HeaderGet asks the current host.
func HeaderGet(m Map, name string) ([]byte, Status) {
	return Current.HeaderGet(m, name)
}

// HeaderSet asks the current host.
func HeaderSet(m Map, name, value string) Status {
	return Current.HeaderSet(m, name, value)
}

// HeaderAdd asks the current host.
func HeaderAdd(m Map, name, value string) Status {
	return Current.HeaderAdd(m, name, value)
}

// HeaderDel asks the current host.
func HeaderDel(m Map, name string) Status {
	return Current.HeaderDel(m, name)
}

// HeaderPairs asks the current host.
func HeaderPairs(m Map) ([]byte, Status) {
	return Current.HeaderPairs(m)
}

// HeaderSetPairs asks the current host.
func HeaderSetPairs(m Map, pairs []byte) Status {
	return Current.HeaderSetPairs(m, pairs)
}
