package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// Where things lie in the guest's memory.
const (
	metricID = 16 // of its counter
	outData  = 24 // where the host says where the configuration is
	outSize  = 28
	texts    = 512
	heap     = 4096
)

// tagging writes a module whose filter leaves its configuration, a word, in a
// field "x-filters" of requests and in the log's field "filter", and counts
// requests as "tagged". A request with a field "x-trap" ends its instance.
func tagging(t *testing.T) (path string) {
	t.Helper()
	m := New()
	define := m.Import("env", "proxy_define_metric", "iiii:i")
	increment := m.Import("env", "proxy_increment_metric", "iI:i")
	config := m.Import("env", "proxy_get_buffer_bytes", "iiiii:i")
	addField := m.Import("env", "proxy_add_header_map_value", "iiiii:i")
	getField := m.Import("env", "proxy_get_header_map_value", "iiiii:i")
	setProperty := m.Import("env", "proxy_set_property", "iiii:i")
	m.Memory(1, 1)
	at := int32(texts)
	text := func(s string) Code {
		m.Data(uint32(at), []byte(s))
		code := Seq(I32(at), I32(int32(len(s))))
		at += int32(len(s))
		return code
	}
	const pluginConfiguration, requestHeaders, counter = 7, 0, 0
	word := Seq(I32(outData), Load32(0), I32(outSize), Load32(0))
	m.Func("proxy_abi_version_0_2_1", "")
	m.Func("malloc", "i:i", I32(heap))
	m.Func("proxy_on_configure", "ii:i",
		I32(counter), text("tagged"), I32(metricID), Call(define), Drop,
		I32(pluginConfiguration), I32(0), I32(100), I32(outData), I32(outSize), Call(config), Drop,
		I32(1))
	m.Func("proxy_on_request_headers", "iii:i",
		I32(metricID), Load32(0), I64(1), Call(increment), Drop,
		I32(requestHeaders), text("x-trap"), I32(outData+8), I32(outSize+8), Call(getField), Eqz32, If(Unreachable),
		I32(requestHeaders), text("x-filters"), word, Call(addField), Drop,
		text("log.filter"), word, Call(setProperty), Drop,
		I32(0))
	path = filepath.Join(t.TempDir(), "tagging.wasm")
	if err := os.WriteFile(path, m.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// tag is the table of a filter of that module.
func tag(name, module string) string {
	return fmt.Sprintf("[filters.%s]\nmodule = %q\nvm = \"own\"\nconfig = %q\n", name, module, name)
}
