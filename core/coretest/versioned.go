package coretest

import w "github.com/weirproxy/weir/core/wasm/wasmtest"

// Versioned is a module that leaves its version in x-there of requests and
// x-back of responses.
func Versioned(version string) []byte {
	m := w.New()
	add := m.Import("env", "proxy_add_header_map_value", "iiiii:i")
	m.Memory(1, 1)
	m.Data(512, []byte("x-therex-back"+version))
	value := w.Seq(w.I32(512+13), w.I32(int32(len(version))))
	m.Func("proxy_abi_version_0_2_1", "")
	m.Func("malloc", "i:i", w.I32(4096))
	m.Func("proxy_on_request_headers", "iii:i", w.I32(0), w.I32(512), w.I32(7), value, w.Call(add), w.Drop, w.I32(0))
	m.Func("proxy_on_response_headers", "iii:i", w.I32(2), w.I32(519), w.I32(6), value, w.Call(add), w.Drop, w.I32(0))
	return m.Bytes()
}
