package main_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/weirproxy/weir/core/coretest"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// oldFilter is a filter of Proxy-Wasm 0.1.0, as an old SDK makes one: its
// configuration by proxy_get_configuration, header callbacks of two parameters, a
// missing field that is empty, pauses that end by proxy_continue_request and
// proxy_continue_response, and its output by wasi_unstable. Where something is
// otherwise it ends itself.
func oldFilter() []byte {
	const (
		outData, outSize = 16, 20 // where the host says where an answer is
		config, length   = 24, 28 // where the configuration is
		vector, written  = 32, 40
		texts, heap      = 512, 4096
	)
	m := New()
	configuration := m.Import("env", "proxy_get_configuration", "ii:i")
	getField := m.Import("env", "proxy_get_header_map_value", "iiiii:i")
	addField := m.Import("env", "proxy_add_header_map_value", "iiiii:i")
	continueRequest := m.Import("env", "proxy_continue_request", ":i")
	continueResponse := m.Import("env", "proxy_continue_response", ":i")
	clearRoute := m.Import("env", "proxy_clear_route_cache", "")
	write := m.Import("wasi_unstable", "fd_write", "iiii:i")
	m.Memory(1, 1)
	at := int32(texts)
	text := func(s string) Code {
		m.Data(uint32(at), []byte(s))
		code := Seq(I32(at), I32(int32(len(s))))
		at += int32(len(s))
		return code
	}
	ok := func(status Code) Code { return Seq(status, If(Unreachable)) }
	value := Seq(I32(config), Load32(0), I32(length), Load32(0))
	m.Func("proxy_abi_version_0_1_0", "")
	m.Func("malloc", "i:i", I32(heap))
	m.Func("proxy_on_configure", "ii:i",
		ok(Seq(I32(config), I32(length), Call(configuration))),
		// fd_write(1, one piece): the address goes first, the length is behind it.
		I32(vector), text("a filter of 0.1.0\n"), Drop, Store32(0), I32(vector+4), I32(int32(len("a filter of 0.1.0\n"))), Store32(0),
		ok(Seq(I32(1), I32(vector), I32(1), I32(written), Call(write))),
		I32(1))
	m.Func("proxy_on_request_headers", "ii:i",
		ok(Seq(I32(0), text("x-none"), I32(outData), I32(outSize), Call(getField))),
		ok(Seq(I32(outSize), Load32(0))), // empty
		ok(Seq(I32(0), text("x-old"), value, Call(addField))),
		Call(clearRoute), ok(Call(continueRequest)),
		I32(1))
	m.Func("proxy_on_response_headers", "ii:i",
		ok(Seq(I32(2), text("x-old"), value, Call(addField))),
		ok(Call(continueResponse)),
		I32(1))
	return m.Bytes()
}

// TestFilterOfVersion010 runs one in the program.
func TestFilterOfVersion010(t *testing.T) {
	up := coretest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.Header.Get("X-Old")))
	}))
	dir := t.TempDir()
	write(t, dir, "old.wasm", string(oldFilter()))
	file := write(t, dir, "proxy.toml", strings.Replace(gateway(up.Addr, atOnce, "[filters.old]\nmodule = \"old.wasm\"\nconfig = \"yes\"\n"),
		"name = \"all\"", "name = \"all\"\nfilters = [\"old\"]", 1))
	p := setup{dir: filepath.Dir(file)}.start(t, "run", "-c", file)
	at := p.ready().Listen["gateway"][0]
	for range 3 {
		if r := coretest.Get(t, at, "/"); r.Status != 200 || r.Body != "yes" || r.Header.Get("X-Old") != "yes" {
			t.Fatalf("the client got %+v", r)
		}
	}
	p.logged(`"filter":"old"`, "a filter of 0.1.0")
}
