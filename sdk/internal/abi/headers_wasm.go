package abi

import "unsafe"

//go:wasmimport env proxy_get_header_map_value
//go:noescape
func proxyGetHeaderMapValue(m uint32, key unsafe.Pointer, keyLen uint32, data, size unsafe.Pointer) uint32

//go:wasmimport env proxy_replace_header_map_value
//go:noescape
func proxyReplaceHeaderMapValue(m uint32, key unsafe.Pointer, keyLen uint32, value unsafe.Pointer, valueLen uint32) uint32

//go:wasmimport env proxy_add_header_map_value
//go:noescape
func proxyAddHeaderMapValue(m uint32, key unsafe.Pointer, keyLen uint32, value unsafe.Pointer, valueLen uint32) uint32

//go:wasmimport env proxy_remove_header_map_value
//go:noescape
func proxyRemoveHeaderMapValue(m uint32, key unsafe.Pointer, keyLen uint32) uint32

//go:wasmimport env proxy_get_header_map_pairs
//go:noescape
func proxyGetHeaderMapPairs(m uint32, data, size unsafe.Pointer) uint32

//go:wasmimport env proxy_set_header_map_pairs
//go:noescape
func proxySetHeaderMapPairs(m uint32, data unsafe.Pointer, size uint32) uint32

// HeaderGet is the first value of name.
func HeaderGet(m Map, name string) ([]byte, Status) {
	return answer(Status(proxyGetHeaderMapValue(uint32(m), addr(name), uint32(len(name)),
		unsafe.Pointer(&outData), unsafe.Pointer(&outSize))))
}

// HeaderSet replaces every value of name by one.
func HeaderSet(m Map, name, value string) Status {
	return Status(proxyReplaceHeaderMapValue(uint32(m), addr(name), uint32(len(name)), addr(value), uint32(len(value))))
}

// HeaderAdd appends a value.
func HeaderAdd(m Map, name, value string) Status {
	return Status(proxyAddHeaderMapValue(uint32(m), addr(name), uint32(len(name)), addr(value), uint32(len(value))))
}

// HeaderDel removes every value of name.
func HeaderDel(m Map, name string) Status {
	return Status(proxyRemoveHeaderMapValue(uint32(m), addr(name), uint32(len(name))))
}

// HeaderPairs is the whole map, serialised.
func HeaderPairs(m Map) ([]byte, Status) {
	return answer(Status(proxyGetHeaderMapPairs(uint32(m), unsafe.Pointer(&outData), unsafe.Pointer(&outSize))))
}

// HeaderSetPairs replaces the whole map by a serialised one.
func HeaderSetPairs(m Map, pairs []byte) Status {
	return Status(proxySetHeaderMapPairs(uint32(m), addrBytes(pairs), uint32(len(pairs))))
}
