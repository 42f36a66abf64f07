package proxywasm_test

import (
	"testing"

	. "github.com/weirproxy/weir/core/wasm/wasmtest"
)

// withArena exports weir_sdk with a descriptor at 128.
func withArena(version, base, size, used int32) *script {
	s := newScript()
	s.exports = func(m *Module) {
		word := func(at, v int32) Code { return Seq(I32(at), I32(v), Store32(0)) }
		m.Func("weir_sdk", ":i", word(128, version), word(132, base), word(136, size), word(140, used), I32(128))
	}
	return s
}

func TestArena(t *testing.T) {
	path := call("proxy_get_header_map_value", 0, ":path", outBytes{})
	at := stepFunc(func(s *script) Code {
		return Seq(I32(cellData), Load32(0), s.local("dec"), s.space(), I32(140), Load32(0), s.local("dec"), s.local("flush"))
	})
	for name, c := range map[string]struct {
		s    *script
		want []string
	}{
		"memory is taken from it, rounded up": {
			withArena(1, 300<<10, 64, 0), []string{"get_header_map_value=0 /12345678", "307200 16", "get_header_map_value=0 /12345678", "307216 32"}},
		"what does not fit is allocated": {
			withArena(1, 300<<10, 16, 0), []string{"get_header_map_value=0 /12345678", "307200 16", "get_header_map_value=0 /12345678", "65536 16"}},
		"another version is none":   {withArena(3, 300<<10, 64, 0), []string{"get_header_map_value=0 /12345678", "65536 0", "get_header_map_value=0 /12345678", "65552 0"}},
		"more used than there is":   {withArena(1, 300<<10, 64, 100), []string{"get_header_map_value=0 /12345678", "65536 100", "get_header_map_value=0 /12345678", "65552 100"}},
		"a base outside the memory": {withArena(1, -64, 64, 0), []string{"get_header_map_value=6 ", "0 16", "get_header_map_value=6 ", "0 32"}},
		"a base that wraps around":  {withArena(1, -64, -1, 128), []string{"get_header_map_value=0 /12345678", "64 144", "get_header_map_value=0 /12345678", "80 160"}},
		"a size beyond the memory":  {withArena(1, 1<<20-4, -1, 0), []string{"get_header_map_value=6 ", "0 16", "get_header_map_value=6 ", "0 32"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHost(t)
			f := h.load(c.s.on("on_request_headers", path, at, path, at))
			(&exchange{head: "GET /12345678 a"}).run(f)
			h.expect(c.want...)
		})
	}
}

// A root whose streams have no state gets neither their contexts' making nor
// their end, and is told whose stream a callback is for.
func TestNoState(t *testing.T) {
	declare := func(bits string) step { return call("proxy_call_foreign_function", "weir.phases", bits, outHex{}) }
	root := stepFunc(func(s *script) Code { return Seq(I32(144), Load32(0), s.local("dec"), s.local("flush")) })
	t.Run("the phases alone", func(t *testing.T) {
		h := newHost(t)
		s := withArena(2, 300<<10, 64, 0)
		s.trace = true
		f := h.load(s.on("on_context_create").on("on_configure", declare("\x81\x00\x00\x00"), root).
			on("on_request_headers", root, get(0, ":path")).on("on_tick", root).on("on_log").on("on_done").on("on_delete"))
		(&exchange{}).run(f)
		h.expect("on_context_create(4096,0)", "on_configure(4096,0)", "call_foreign_function=0 ", "0",
			"on_request_headers(4097,4,1)", "4096", "get_header_map_value=0 /")
	})
	t.Run("not without a place for the root", func(t *testing.T) {
		h := newHost(t)
		h.load(withArena(1, 300<<10, 64, 0).on("on_configure", declare("\x81\x00\x00\x00")))
		h.load(newScript().on("on_configure", declare("\x81\x00\x00\x00")), named("plain"))
		h.expect("call_foreign_function=2 ", "call_foreign_function=2 ")
	})
}
