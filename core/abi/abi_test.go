package abi_test

import (
	"testing"

	"github.com/weirproxy/weir/core/abi"
	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

func TestOf(t *testing.T) {
	const none = abi.ABI("")
	for _, c := range []struct {
		name  string
		write func(m *Module)
		want  abi.ABI
	}{
		{"nothing", func(*Module) {}, none},
		{"a marker", func(m *Module) { m.Func("proxy_abi_version_0_2_1", "") }, abi.ProxyWasm},
		{"a marker of the future", func(m *Module) { m.Func("proxy_abi_version_0_3_0", "") }, abi.ProxyWasm},
		{"a marker that is no function", func(m *Module) { m.ExportGlobal("proxy_abi_version_0_2_1", m.Global('i', 0)) }, none},
		{"a handler", func(m *Module) { m.Import("http_handler", "log", "iii") }, abi.HTTPWasm},
		{"a handler without imports", func(m *Module) { m.Func("handle_request", ":I", I64(0)) }, abi.HTTPWasm},
		{"both", func(m *Module) {
			m.Import("http_handler", "log", "iii")
			m.Func("proxy_abi_version_0_1_0", "")
		}, none},
		{"another's handler", func(m *Module) { m.Import("env", "http_handler", "") }, none},
	} {
		m := New()
		c.write(m)
		got, err := abi.Of(m.Bytes())
		if got != c.want || (err == nil) != (c.want != none) {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
	if _, err := abi.Of([]byte("(module)")); err == nil {
		t.Error("what is no module has an ABI")
	}
}
